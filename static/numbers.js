// The search for numbers: the keypad's digits while letters are typed, and how many numbers are picked.
(() => {
  const form = document.querySelector("form[data-picks]");
  const letters = form.querySelector("[data-keypad]");
  const shown = form.querySelector("[data-keypad-shown]");
  const keypad = JSON.parse(letters.dataset.keypad);

  const showDigits = () => {
    const text = letters.value.trim().toUpperCase();
    const digits = [...text].map((letter) => keypad[letter] ?? letter).join("");
    shown.hidden = digits === text;
    shown.textContent = `${text} is ${digits} on the keypad.`;
  };

  const showCount = () => {
    const count = form.querySelectorAll("[name=number]:checked").length;
    const most = Number(form.dataset.picks);
    const words = form.querySelector("[data-picked-words]");
    form.querySelector("[data-picked-count]").textContent = count;
    if (words) {
      words.textContent = count === 1 ? "1 number" : `${count} numbers`;
      words.closest("button").disabled = count === 0 || count > most;
    }
  };

  letters.addEventListener("input", showDigits);
  showDigits();
  if (form.querySelector("[data-picked-count]")) {
    form.addEventListener("change", showCount);
    showCount();
  }
})();
