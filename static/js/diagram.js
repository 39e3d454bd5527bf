// A wide drawing opens where the case stands, not where it began.
document.querySelectorAll(".diagram-scroll, .net-drawing").forEach((box) => {
  const present = box.querySelector(".is-present");
  if (!present) return;
  const at = present.getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  box.scrollLeft += at.left + at.width / 2 - frame.left - box.clientWidth / 2;
  box.scrollTop += at.top + at.height / 2 - frame.top - box.clientHeight / 2;
});
