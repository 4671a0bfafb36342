// Whoever waits for an answer on a device goes on when it has come, or learns that it will not.
"use strict";
const asking = setInterval(async () => {
  const { go_on: goOn, push } = await (await fetch("/verifica/esito")).json();
  if (!goOn && push === "waiting") return;
  clearInterval(asking);
  location.replace(goOn ? "/" : "/verifica");
}, 300);
