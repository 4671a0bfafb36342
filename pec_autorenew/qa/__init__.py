"""The page objects as tests of the portal: a pytest plugin (extra `qa`)."""
