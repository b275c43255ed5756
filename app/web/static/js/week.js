// The week of a service: one press gives Tuesday to Friday the hours of Monday.

const WEEKDAYS = ["tue", "wed", "thu", "fri"];

for (const button of document.querySelectorAll("[data-copy-monday]")) {
  button.addEventListener("click", () => {
    const monday = field("mon");
    for (const day of WEEKDAYS) {
      const other = field(day);
      if (monday && other) other.value = monday.value;
    }
    monday?.focus();
  });
}

/** @param {string} day @returns {HTMLInputElement | null} */
function field(day) {
  return document.querySelector(`[data-week] [name=hours_${day}]`);
}
