"use strict";
(() => {
  const root = document.documentElement;
  const boxes = [...document.querySelectorAll("[data-plot]")];

  // Unpack plotly.js, which the page carries gzipped in base64, and run it.
  async function unpack() {
    const packed = document.getElementById("plotly").textContent.trim();
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }

  // Colours are written var(--name) in the figures; the style sheet says what they are, light or dark.
  function coloured(value, style) {
    if (typeof value === "string") {
      return value.replace(/var\((--[a-z0-9]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    }
    if (Array.isArray(value)) return value.map((v) => coloured(v, style));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v, style)]));
  }

  function axis(given, small) {
    const ours = {
      automargin: true, zeroline: false, showline: true, linecolor: "var(--rule)", gridcolor: "var(--grid)",
      ticks: "outside", ticklen: 4, tickcolor: "var(--rule)", tickfont: { color: "var(--muted)", size: small ? 10 : 11 },
      nticks: small ? 5 : 8,
    };
    return { ...ours, ...given, title: { ...given.title, standoff: 8, font: { color: "var(--muted)", size: 12 } } };
  }

  function draw(box, size = {}) {
    const { data, layout } = JSON.parse(document.getElementById(box.dataset.plot).textContent);
    const style = getComputedStyle(root);
    const small = (size.width || box.clientWidth) < 420;
    const full = {
      ...layout, ...size, autosize: !size.width, dragmode: matchMedia("(pointer: fine)").matches ? "zoom" : false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest", bargap: 0.08,
      font: { family: style.getPropertyValue("--plain"), size: 12, color: "var(--ink)" },
      margin: { l: 8, r: 14, t: 10, b: 8 },
      xaxis: axis(layout.xaxis, small), yaxis: axis(layout.yaxis, small),
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom", font: { size: 11 } },
      hoverlabel: { bgcolor: "var(--raised)", bordercolor: "var(--rule)", font: { color: "var(--ink)" } },
    };
    const config = { responsive: true, displaylogo: false, displayModeBar: false, doubleClick: "reset" };
    box.querySelector(".wait")?.remove();
    return Plotly.react(box, coloured(data, style), coloured(full, style), config);
  }

  async function drawAll() {
    try {
      await unpack();
      for (const box of boxes) await draw(box);
      root.dataset.ready = "yes";
    } catch (error) {
      console.error(error);
      const sorry = "This browser could not draw the chart; the sentence beneath says what it shows.";
      for (const note of document.querySelectorAll(".wait")) note.textContent = sorry;
    }
  }

  function redraw() {
    if (root.dataset.ready) for (const box of boxes) draw(box);
  }

  // On paper: the light colours, and sizes in which a chart fits the sheet.
  function print() {
    root.classList.add("printing");
    if (!root.dataset.ready) return;
    for (const box of boxes) {
      const square = box.classList.contains("square");
      draw(box, { width: square || box.closest(".pair") ? 310 : 660, height: square ? 310 : 235 });
    }
  }

  async function copy(button) {
    const code = document.getElementById(button.dataset.copy);
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", print);
  addEventListener("afterprint", () => { root.classList.remove("printing"); redraw(); });
  if (boxes.length) drawAll();
})();
