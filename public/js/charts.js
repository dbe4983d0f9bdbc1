// Values of a picture: under the pointer, or with the arrow keys once it has the focus. They are said in its <output>.
(() => {
  const outputOf = (chart) => chart.parentElement.querySelector(".chart-readout");
  const choose = (chart, value) => {
    for (const other of chart.querySelectorAll(".chart-chosen")) other.classList.remove("chart-chosen");
    value?.classList.add("chart-chosen");
    const output = outputOf(chart);
    if (output) output.textContent = value?.dataset.value ?? "";
  };
  const prepare = () => {
    for (const chart of document.querySelectorAll("[data-chart]:not([tabindex])")) {
      chart.tabIndex = 0;
      chart.setAttribute("aria-description", "Arrow keys read the values.");
    }
  };
  document.addEventListener("pointerover", (event) => {
    const value = event.target.closest?.("[data-chart] [data-value]");
    if (value) choose(value.closest("[data-chart]"), value);
  });
  document.addEventListener("keydown", (event) => {
    const chart = event.target.matches?.("[data-chart]") ? event.target : undefined;
    if (!chart) return;
    const values = [...chart.querySelectorAll("[data-value]")];
    const at = values.indexOf(chart.querySelector(".chart-chosen"));
    const row = Number(chart.dataset.chart) || 0;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row };
    const next = event.key === "Home" ? 0 : event.key === "End" ? values.length - 1 : at < 0 ? values.length - 1 : at + (steps[event.key] ?? NaN);
    if (!(event.key in steps) && event.key !== "Home" && event.key !== "End") return;
    if ((event.key === "ArrowUp" || event.key === "ArrowDown") && row === 0) return;
    event.preventDefault();
    if (values[next]) choose(chart, values[next]);
  });
  prepare();
  document.addEventListener("htmx:load", prepare);
})();
