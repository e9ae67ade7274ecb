// The few things that need JavaScript: local times, copy buttons, and folds that stay open over a live refresh.
(() => {
  const day = { day: "numeric", month: "short", year: "numeric" };
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const clocks = {
    minutes: new Intl.DateTimeFormat("en-GB", { ...day, ...clock, second: undefined }),
    seconds: new Intl.DateTimeFormat("en-GB", { ...day, ...clock }),
    clock: new Intl.DateTimeFormat("en-GB", clock),
  };

  const localise = (part) => {
    for (const time of part.querySelectorAll("time[data-local]")) {
      time.textContent = clocks[time.dataset.local].format(new Date(time.dateTime));
      time.removeAttribute("data-local");
    }
  };

  const copy = async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    document.getElementById("spoken").textContent = "Copied";
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
  });

  // A refresh replaces a part of the page; what the reader had opened or closed there stays so.
  let folds = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    folds = new Map([...event.detail.target.querySelectorAll("details[id]")].map((fold) => [fold.id, fold.open]));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, open] of folds) {
      const fold = document.getElementById(id);
      if (fold) fold.open = open;
    }
    folds = new Map();
    localise(document);
  });

  localise(document);
})();
