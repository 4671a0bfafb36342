// Chaos by seed: the same seed draws the same page in the same way; another seed draws another portal.
// Nothing here keeps a state that a redrawn page could feel: every choice is a hash of the seed and of a name.
"use strict";
(function () {
  const { chaos } = window;
  let ids = 0;

  function hash(text) {
    let value = 2166136261;
    for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 16777619);
    value = Math.imul(value ^ (value >>> 16), 2246822507);
    value = Math.imul(value ^ (value >>> 13), 3266489909);
    return (value ^ (value >>> 16)) >>> 0;
  }

  const roll = (name) => hash(`${chaos.seed}|${name}|${chaos.seed}`) / 4294967296;
  const pick = (name, list) => list[Math.floor(roll(name) * list.length)];
  const chance = (name, share) => roll(name) < share;
  // The page, without what is another on each visit: mailboxes, numbers, the attempt to sign in.
  const page = () => location.pathname.replace(/^\/auth\/[^/]+/, "/auth/x").replace(/[^/]*(?:@|%40)[^/]*|\d+/g, "x");
  const shuffled = (name, list) => list
    .map((item, index) => [roll(`${name}:${index}`), item])
    .sort((one, other) => one[0] - other[0])
    .map((pair) => pair[1]);

  function word(name) {
    const syllables = [0, 1, 2].map((turn) => pick(`${name}:${turn}`, ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "ro", "su", "ta", "ve"]));
    return syllables.join("");
  }

  // What a kind of change does in this portal: how often, and in which of its ways (two at most, as one hand would).
  function habit(name, share, ways) {
    const used = chance(`habit:${name}`, share);
    const known = shuffled(`ways:${name}`, ways).slice(0, 1 + Math.floor(roll(`count:${name}`) * 2));
    return (thing) => (used && chance(`use:${name}:${thing}`, 0.9) ? pick(`way:${name}:${thing}`, known) : "same");
  }

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // Move what an element holds into another one that takes its place.
  function retag(element, tag, { styles = [], keep = ["id", "class", "hidden", "style"] } = {}) {
    const computed = getComputedStyle(element);
    const copied = styles.map((name) => [name, computed.getPropertyValue(name)]);
    const other = make(tag);
    for (const name of keep) if (element.hasAttribute(name)) other.setAttribute(name, element.getAttribute(name));
    for (const [name, value] of copied) if (other.style.getPropertyValue(name) === "") other.style.setProperty(name, value);
    other.append(...element.childNodes);
    element.replaceWith(other);
    return other;
  }

  function later(milliseconds, act) {
    chaos.pending += 1;
    setTimeout(() => {
      act();
      chaos.pending -= 1;
    }, milliseconds);
  }

  function style(root, text) {
    (root instanceof ShadowRoot ? root : document.head).append(make("style", {}, text));
  }

  Object.assign(chaos, {
    pending: 0, steps: [], roll, pick, chance, page, shuffled, word, habit, make, retag, later, style,
    id: (name) => `${word(`id:${name}`)}${(ids += 1)}`,
    folded: (text) => text.replace(/[’']/g, "'").replace(/\s+/g, " ").trim().toLowerCase(),
    hide: (element) => element.style.setProperty("display", "none", "important"),
  });
}());
