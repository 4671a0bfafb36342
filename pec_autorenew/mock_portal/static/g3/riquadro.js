"use strict";
// The frame is as high as what stands in it.
const frame = document.querySelector(".mk-frame");
function fit() {
  const body = frame.contentDocument && frame.contentDocument.body;
  if (!body) return;
  frame.style.height = `${body.scrollHeight + 8}px`;
  new ResizeObserver(() => { frame.style.height = `${body.scrollHeight + 8}px`; }).observe(body);
}
frame.addEventListener("load", fit);
fit();
