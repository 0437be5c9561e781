extension SetPage {
  static let style = """
    :root { --ground: #f5f5f2; --card: #fff; --text: #1d1f21; --faint: #6a6f75; --line: #dcdcd6; --mark: #2f6db3; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #17181a; --card: #212326; --text: #e6e6e3; --faint: #9a9fa5; --line: #36393d; --mark: #6aa5e8; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 1280px; padding: 24px; background: var(--ground); color: var(--text);
      font: 15px/1.5 system-ui, sans-serif; }
    h1 { margin: 0; font-size: 26px; }
    h2 { margin: 36px 0 12px; font-size: 18px; }
    .faint { color: var(--faint); }
    .facts { overflow-wrap: anywhere; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th, td { padding: 4px 12px 4px 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
    td.number, th.number { text-align: right; }
    td.bar { width: 40%; }
    td.bar div { height: 12px; background: var(--mark); border-radius: 2px; min-width: 1px; }
    .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 16px; }
    .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px; }
    .chart svg { display: block; width: 100%; height: auto; }
    .chart rect { fill: var(--mark); }
    .chart text { fill: var(--faint); font-size: 10px; }
    .chart line { stroke: var(--line); }
    .tools { display: flex; flex-wrap: wrap; gap: 16px; align-items: center; margin-bottom: 16px; }
    select { font: inherit; padding: 4px 8px; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
    .samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 16px; }
    .pair { position: relative; line-height: 0; overflow: hidden; border-radius: 4px; }
    .pair img { display: block; width: 100%; image-rendering: auto; }
    .pair img.lq { position: absolute; inset: 0; height: 100%; clip-path: inset(0 calc(100% - var(--cut)) 0 0); }
    .pair::after { content: ""; position: absolute; top: 0; bottom: 0; left: calc(var(--cut) - 1px); width: 2px; background: #fff; mix-blend-mode: difference; }
    .pair span { position: absolute; top: 6px; padding: 1px 6px; border-radius: 4px; background: rgb(0 0 0 / 60%); color: #fff; font-size: 12px; line-height: 1.5; }
    .pair .left { left: 6px; } .pair .right { right: 6px; }
    input[type=range] { width: 100%; margin: 8px 0 4px; accent-color: var(--mark); }
    .card h3 { margin: 0; font-size: 15px; }
    details { margin-top: 6px; }
    summary { cursor: pointer; color: var(--mark); }
    pre { margin: 6px 0 0; max-height: 320px; overflow: auto; font: 12px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
    """

  static let body = """
    <header>
    <h1 id="title"></h1>
    <div class="facts faint" id="facts"></div>
    </header>
    <h2>Classes</h2>
    <table><thead><tr><th>class</th><th class="number">records</th><th></th><th class="number">mean SSIM of lq</th></tr></thead>
    <tbody id="classes"></tbody></table>
    <h2>PSNR of lq against gt</h2>
    <div class="charts" id="charts"></div>
    <h2>Samples</h2>
    <div class="tools">
    <label>class <select id="which"></select></label>
    <label>order <select id="order"><option value="set">class, severity</option><option value="worst">lowest PSNR first</option><option value="best">highest PSNR first</option></select></label>
    <label>all sliders <input type="range" id="all" min="0" max="100" value="50"></label>
    </div>
    <div class="samples" id="samples"></div>
    """

  static let script = """
    "use strict";
    const set = JSON.parse(document.getElementById("data").textContent);
    const place = id => document.getElementById(id);
    const make = (tag, className, text) => {
      const node = document.createElement(tag);
      if (className) node.className = className;
      if (text !== undefined) node.textContent = text;
      return node;
    };
    const number = (x, digits) => x === null || x === undefined ? "\\u221e" : x.toFixed(digits);

    place("title").textContent = set.name;
    place("facts").textContent = `${set.records.toLocaleString("en")} records in ${set.shards} shards, `
      + `${(set.bytes / 1e6).toFixed(0)} MB, split ${set.split}, seed ${set.seed}, `
      + `${set.sources ? set.sources + " sources" : "generated pictures"}, made by ${set.tool.name} ${set.tool.version}, `
      + `dataset_id ${set.dataset_id}`;

    const most = Math.max(1, ...set.classes.map(c => c.records));
    for (const c of set.classes) {
      const row = place("classes").appendChild(make("tr"));
      row.append(make("td", "", c.name), make("td", "number", c.records.toLocaleString("en")));
      const bar = row.appendChild(make("td", "bar")).appendChild(make("div"));
      bar.style.width = 100 * c.records / most + "%";
      row.append(make("td", "number", c.ssim === null ? "-" : c.ssim.toFixed(3)));
    }

    const drawn = (tag, attributes, text) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const key in attributes) node.setAttribute(key, attributes[key]);
      if (text !== undefined) node.textContent = text;
      return node;
    };
    const bins = set.psnr.counts[0] ? set.psnr.counts[0].length : 0;
    set.classes.forEach((c, k) => {
      if (!c.records) return;
      const [width, height, foot] = [280, 110, 16];
      const counts = set.psnr.counts[k], top = Math.max(...counts), step = width / bins;
      const card = place("charts").appendChild(make("div", "card chart"));
      card.append(make("h3", "", c.name));
      const svg = card.appendChild(drawn("svg", { viewBox: `0 0 ${width} ${height + foot}`, role: "img",
        "aria-label": `PSNR histogram of ${c.name}` }));
      svg.append(drawn("line", { x1: 0, x2: width, y1: height + .5, y2: height + .5 }));
      counts.forEach((count, i) => {
        if (!count) return;
        const tall = Math.max(1, (height - 14) * count / top);
        const bar = drawn("rect", { x: i * step + .5, width: Math.max(step - 1, .5), y: height - tall, height: tall });
        bar.append(drawn("title", {}, `${set.psnr.low + i} dB: ${count} records`));
        svg.append(bar);
      });
      const every = Math.max(1, Math.ceil(bins / 6));
      for (let i = 0; i * step < width - 30; i += every)
        svg.append(drawn("text", { x: i * step + 1, y: height + 12 }, `${set.psnr.low + i}`));
      svg.append(drawn("text", { x: width, y: height + 12, "text-anchor": "end" }, "dB"));
      svg.append(drawn("text", { x: width, y: 9, "text-anchor": "end" }, `at most ${top}`));
    });

    const card = sample => {
      const label = sample.label, node = make("article", "card");
      const pair = node.appendChild(make("div", "pair"));
      const picture = (name, source) => {
        const image = pair.appendChild(make("img", name));
        image.src = source;
        image.alt = `${name} of record ${sample.key}`;
        image.loading = "lazy";
        image.width = label.gt.width;
        image.height = label.gt.height;
        image.style.height = name === "gt" ? "auto" : "100%";
      };
      picture("gt", sample.gt);
      picture("lq", sample.lq);
      pair.append(make("span", "left", "lq"), make("span", "right", "gt"));
      const slider = node.appendChild(make("input"));
      slider.type = "range";
      slider.min = 0;
      slider.max = 100;
      slider.setAttribute("aria-label", `how much of lq is shown, record ${sample.key}`);
      const cut = value => { slider.value = value; pair.style.setProperty("--cut", value + "%"); };
      slider.addEventListener("input", () => cut(slider.value));
      pair.addEventListener("pointermove", event => {
        const box = pair.getBoundingClientRect();
        cut(Math.max(0, Math.min(100, 100 * (event.clientX - box.left) / box.width)));
      });
      node.cut = cut;
      cut(place("all").value);
      node.append(make("h3", "", `${set.classes[sample.class].name}, record ${sample.key}`));
      node.append(make("div", "", label.chain.map(s => `${s.op} ${s.severity.toFixed(2)}`).join(" \\u2192 ")));
      node.append(make("div", "faint",
        `PSNR ${number(label.measured.psnr, 2)} dB, SSIM ${number(label.measured.ssim, 4)}, ${label.gt.width}x${label.gt.height}`));
      const more = node.appendChild(make("details"));
      more.append(make("summary", "", "parameters"));
      more.append(make("pre", "", label.chain.map(s => `${s.op} (${s.stage}, ${s.space})\\n`
        + Object.entries(s.parameters).map(([k, v]) => `  ${k}: ${JSON.stringify(v)}`).join("\\n")).join("\\n")));
      const whole = node.appendChild(make("details"));
      whole.append(make("summary", "", "whole label"));
      whole.append(make("pre", "", JSON.stringify(label, null, 1)));
      return node;
    };

    const which = place("which"), order = place("order");
    const option = (value, text) => {
      const node = which.appendChild(make("option", "", text));
      node.value = value;
    };
    option("", "all");
    set.classes.forEach((c, k) => { if (set.samples.some(s => s.class === k)) option(k, c.name); });
    const psnr = sample => sample.label.measured.psnr ?? Infinity;
    const orders = {
      set: (a, b) => a.class - b.class || a.severity - b.severity,
      worst: (a, b) => psnr(a) - psnr(b),
      best: (a, b) => psnr(b) - psnr(a),
    };
    const show = () => {
      const chosen = set.samples.filter(s => which.value === "" || s.class === +which.value);
      place("samples").replaceChildren(...chosen.sort(orders[order.value]).map(card));
    };
    which.addEventListener("change", show);
    order.addEventListener("change", show);
    place("all").addEventListener("input", () => {
      for (const node of place("samples").children) node.cut(place("all").value);
    });
    show();
    """
}
