// Plays the run of a fault on the drawing of its net. The server has drawn and told all of it; this only moves
// tokens. Positions: 0 is the beginning, n stands after step n, and the last one is the end of the story.
const SVG = "http://www.w3.org/2000/svg";
const FLIGHT = 650; // milliseconds of one half of a step: from the places to the step, or from it onwards
const PER_LETTER = 38;
const LEAST_PAUSE = 1600;
const MOST_PAUSE = 7000;
const MOST_FLYING = 3;
const MARGIN = 40; // pixels that stay free around what is followed
// As workflows/net/symbols.py draws them.
const DOTS = {
  1: [6, [[0, 0]]],
  2: [4.6, [[-6, 0], [6, 0]]],
  3: [4.2, [[0, -5.6], [-5.6, 4.4], [5.6, 4.4]]],
};

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
const svgNode = (name, attributes) => {
  const node = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
  return node;
};

class Drawing {
  constructor(box) {
    this.box = box;
    this.svg = box.querySelector("svg");
    this.nodes = new Map([...this.svg.querySelectorAll("[data-key]")].map((node) => [node.dataset.key, node]));
    this.names = new Map([...this.nodes].map(([key, node]) => [key, this.nameOf(node)]));
    this.arcs = new Map();
    this.svg.querySelectorAll("[data-links]").forEach((arc) => {
      JSON.parse(arc.dataset.links).forEach((ends) => this.arcs.set(JSON.stringify(ends), arc));
    });
    this.sky = this.svg.appendChild(svgNode("g", { class: "flying", "aria-hidden": "true" }));
  }

  nameOf(node) {
    const text = node.querySelector("title")?.textContent ?? "";
    return node.querySelector(".token") ? text.replace(/, \d+ tokens?$/, "") : text;
  }

  arc(from, to) {
    return this.arcs.get(JSON.stringify([from, to]));
  }

  middle(key) {
    const { x, y, width, height } = this.nodes.get(key).querySelector(".shape").getBBox();
    return { x: x + width / 2, y: y + height / 2 };
  }

  mark(keys, word) {
    keys.forEach((key) => this.nodes.get(key)?.setAttribute("data-mark", word));
  }

  unmark() {
    this.svg.querySelectorAll("[data-mark]").forEach((node) => node.removeAttribute("data-mark"));
    this.sky.replaceChildren();
  }

  put(place, count) {
    const group = this.nodes.get(place);
    if (!group?.classList.contains("place")) return;
    group.querySelectorAll(".token").forEach((token) => token.remove());
    const told = count ? `, ${count} token${count > 1 ? "s" : ""}` : "";
    group.querySelector("title").textContent = this.names.get(place) + told;
    if (!count) return;
    const { x, y } = this.middle(place);
    const shape = group.querySelector(".shape");
    if (!DOTS[count]) {
      const text = svgNode("text", { class: "token", x, y: y + 5, "text-anchor": "middle", "font-size": 14, "font-weight": 700 });
      text.textContent = count < 1000 ? count : "999+";
      shape.after(text);
      return;
    }
    const [r, offsets] = DOTS[count];
    offsets.forEach(([dx, dy]) => shape.after(svgNode("circle", { class: "token", cx: x + dx, cy: y + dy, r })));
  }

  show(marking) {
    this.nodes.forEach((node, key) => {
      if (node.classList.contains("place")) this.put(key, marking[key] ?? 0);
    });
  }

  // The box may be narrower than the drawing: what happens stays in sight, as much of it as there is room for,
  // the first of the keys in any case.
  follow(keys) {
    const box = this.box.getBoundingClientRect();
    let seen = null;
    keys.forEach((key) => {
      const shape = this.nodes.get(key)?.querySelector(".shape")?.getBoundingClientRect();
      if (!shape) return;
      const wider = {
        left: Math.min(shape.left, seen?.left ?? shape.left),
        right: Math.max(shape.right, seen?.right ?? shape.right),
        top: Math.min(shape.top, seen?.top ?? shape.top),
        bottom: Math.max(shape.bottom, seen?.bottom ?? shape.bottom),
      };
      const fits = wider.right - wider.left < box.width - MARGIN && wider.bottom - wider.top < box.height - MARGIN;
      if (!seen || fits) seen = wider;
    });
    if (!seen) return;
    this.box.scrollBy({
      left: (seen.left + seen.right) / 2 - box.left - box.width / 2,
      top: (seen.top + seen.bottom) / 2 - box.top - box.height / 2,
      behavior: calm.matches ? "auto" : "smooth",
    });
  }

  toggleWhole() {
    return this.box.classList.toggle("is-whole");
  }

  // Along the drawn arc, in either direction; an arc that is drawn for several goes straight.
  way(from, to) {
    const forth = this.arc(from, to);
    const path = (forth ?? this.arc(to, from))?.querySelector(".line");
    const start = this.middle(from);
    const end = this.middle(to);
    if (!path || JSON.parse(path.parentNode.dataset.links).length > 1) {
      return (part) => ({ x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part });
    }
    const length = path.getTotalLength();
    return (part) => path.getPointAtLength(length * (forth ? part : 1 - part));
  }

  fly(ways, isStopped) {
    const dots = ways.map(() => this.sky.appendChild(svgNode("circle", { class: "token", r: 6 })));
    return new Promise((resolve) => {
      const began = performance.now();
      const frame = (now) => {
        const part = Math.min(1, Math.max(0, (now - began) / FLIGHT));
        const eased = part < 0.5 ? 2 * part * part : 1 - (2 - 2 * part) ** 2 / 2;
        ways.forEach((way, n) => {
          const { x, y } = way(eased);
          dots[n].setAttribute("cx", x);
          dots[n].setAttribute("cy", y);
        });
        if (part < 1 && !isStopped()) {
          requestAnimationFrame(frame);
          return;
        }
        dots.forEach((dot) => dot.remove());
        resolve();
      };
      requestAnimationFrame(frame);
    });
  }
}

class Replay {
  constructor(root) {
    this.root = root;
    this.story = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    this.drawing = new Drawing(root.querySelector(".net-drawing"));
    this.told = document.querySelector("[data-story]");
    this.last = this.story.steps.length + 1;
    this.at = 0;
    this.turn = 0; // Who else moves the tokens meanwhile counts on; an older turn then stops by itself.
    this.isPlaying = false;
  }

  slot(name) {
    return this.root.querySelector(`[data-slot="${name}"]`);
  }

  begin() {
    this.slot("foot").hidden = false;
    this.root.addEventListener("click", (event) => {
      const action = event.target.closest("[data-action]")?.dataset.action;
      if (action) this.act(action);
    });
    if (!this.story.steps.length) {
      // Nothing moves: what the story is about is shown as the server has marked it.
      this.drawing.follow([...this.story.left, ...this.story.waiting]);
      return;
    }
    this.slot("bar").hidden = false;
    [this.root, this.told].forEach((part) => part?.addEventListener("keydown", (event) => this.key(event)));
    this.told?.classList.add("is-played");
    this.told?.addEventListener("click", (event) => {
      const step = event.target.closest("[data-step]")?.dataset.step;
      if (step) this.act("to", step === "end" ? this.last : Number(step));
    });
    this.show(0);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // There the arrows scroll.
    if (event.target === this.drawing.box) return;
    const action = { ArrowRight: "forward", ArrowLeft: "back", Home: "first", End: "last" }[event.key];
    if (!action) return;
    event.preventDefault();
    this.act(action);
  }

  act(action, position) {
    if (action === "whole") {
      const isWhole = this.drawing.toggleWhole();
      this.root.querySelector('[data-action="whole"]').setAttribute("aria-pressed", String(isWhole));
      return;
    }
    if (action === "play") {
      if (this.isPlaying) this.pause();
      else this.play();
      return;
    }
    this.pause();
    if (action === "forward") this.forward();
    else this.show({ first: 0, back: this.at - 1, last: this.last, to: position }[action]);
  }

  pause() {
    this.turn += 1;
    this.setPlaying(false);
  }

  setPlaying(isPlaying) {
    this.isPlaying = isPlaying;
    const button = this.root.querySelector('[data-action="play"]');
    this.slot("label").textContent = isPlaying ? button.dataset.pause : button.dataset.play;
    this.slot("sign").textContent = isPlaying ? "⏸" : "▶";
  }

  async play() {
    this.setPlaying(true);
    this.turn += 1;
    const { turn } = this;
    if (this.at >= this.last) this.show(0);
    while (turn === this.turn && this.at < this.last) {
      await wait(Math.min(MOST_PAUSE, Math.max(LEAST_PAUSE, this.sentence().length * PER_LETTER)));
      if (turn !== this.turn) return;
      await this.forward();
    }
    if (turn === this.turn) this.setPlaying(false);
  }

  async forward() {
    if (this.at >= this.last) return;
    const from = this.at;
    const step = this.story.steps[from];
    if (!step || calm.matches) {
      this.show(from + 1);
      return;
    }
    this.at = from + 1;
    this.tell();
    await this.move(step, this.marking(from), this.at);
    if (this.at === from + 1) this.show(this.at);
  }

  async move(step, before, position) {
    const { drawing } = this;
    const isStopped = () => this.at !== position;
    drawing.unmark();
    drawing.show(before);
    this.markStep(step);
    const taken = [];
    Object.entries({ ...step.taken }).forEach(([place, count]) => {
      taken.push(...Array(Math.min(count, MOST_FLYING)).fill(drawing.way(place, step.transition)));
    });
    [...Object.keys(step.taken), ...Object.keys(step.emptied)].forEach((place) => {
      const left = (before[place] ?? 0) - (step.taken[place] ?? 0) - (step.emptied[place] ?? 0);
      drawing.put(place, left);
    });
    await drawing.fly(taken, isStopped);
    if (isStopped()) return;
    const put = [];
    Object.entries(step.put).forEach(([place, count]) => {
      put.push(...Array(Math.min(count, MOST_FLYING)).fill(drawing.way(step.transition, place)));
    });
    await drawing.fly(put, isStopped);
  }

  markStep(step) {
    const { drawing } = this;
    drawing.mark([step.transition], "fired");
    drawing.mark(Object.keys(step.emptied), "emptied");
    drawing.mark(Object.keys(step.put), "reached");
    const travel = (from, to) => (drawing.arc(from, to) ?? drawing.arc(to, from))?.setAttribute("data-mark", "travelled");
    Object.keys(step.taken).forEach((place) => travel(place, step.transition));
    Object.keys(step.emptied).forEach((place) => travel(place, step.transition));
    Object.keys(step.put).forEach((place) => travel(step.transition, place));
    drawing.follow([step.transition, ...Object.keys(step.put), ...Object.keys(step.taken)]);
  }

  marking(position) {
    if (!position) return this.story.start;
    return this.story.steps[Math.min(position, this.story.steps.length) - 1].after;
  }

  show(position) {
    this.at = Math.max(0, Math.min(this.last, position));
    const { drawing, story } = this;
    drawing.unmark();
    drawing.show(this.marking(this.at));
    if (this.at === this.last) {
      drawing.mark(story.waiting, "waiting");
      drawing.mark(story.left, "left");
      drawing.follow(story.left);
    } else if (this.at) {
      this.markStep(story.steps[this.at - 1]);
    } else {
      drawing.follow(Object.keys(story.start));
    }
    this.tell();
  }

  sentence() {
    if (!this.at) return this.story.opening;
    return this.at === this.last ? this.story.end : this.story.steps[this.at - 1].sentence;
  }

  tell() {
    const count = this.slot("count");
    const { start, step, end } = count.dataset;
    const numbered = step.replace("{n}", this.at).replace("{all}", this.last - 1);
    count.textContent = !this.at ? start : this.at === this.last ? end : numbered;
    this.slot("sentence").textContent = this.sentence();
    const isAt = { first: !this.at, back: !this.at, forward: this.at === this.last, last: this.at === this.last };
    // Not `disabled`: a button that has the focus would lose it.
    Object.entries(isAt).forEach(([action, is]) => {
      this.root.querySelector(`[data-action="${action}"]`).setAttribute("aria-disabled", String(is));
    });
    const current = this.at === this.last ? "end" : String(this.at);
    this.told?.querySelectorAll("[data-step]").forEach((line) => {
      if (line.dataset.step !== current) {
        line.removeAttribute("aria-current");
        return;
      }
      line.setAttribute("aria-current", "step");
      const folded = line.closest("details");
      if (folded) folded.open = true;
    });
  }
}

document.querySelectorAll("[data-replay]").forEach((root) => {
  if (root.querySelector("svg [data-links]")) new Replay(root).begin(); // A net too large to draw has none.
});
