// A wide drawing opens where the case stands, not where it began.
document.querySelectorAll(".diagram-scroll").forEach((box) => {
  const present = box.querySelector(".is-present");
  if (!present) return;
  const { left, width } = present.getBoundingClientRect();
  box.scrollLeft += left + width / 2 - box.getBoundingClientRect().left - box.clientWidth / 2;
});
