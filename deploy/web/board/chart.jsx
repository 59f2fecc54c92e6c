// How did the chosen figure go, part by part? Counts as bars, rates as a line; the same figures as a table below.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "preact/hooks";
import { figure } from "./measures.js";
import { dayText } from "./periods.js";

const INK = "#33414e";
const RULE = "#dde3e8";
const PAPER = { width: 1000, height: 150 };
const FONT = "12px system-ui, 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif";

function axes(measure, labels, language) {
  const shared = { stroke: INK, font: FONT, grid: { stroke: RULE, width: 1 }, ticks: { stroke: RULE, width: 1 } };
  const label = (index) => (Number.isInteger(index) ? (labels[index] ?? "") : "");
  return [
    {
      ...shared,
      size: 34,
      grid: { show: false },
      incrs: [1, 2, 3, 4, 6, 7, 12, 14, 28, 60, 120],
      space: 56,
      values: (_, splits) => splits.map(label),
    },
    {
      ...shared,
      size: 56,
      incrs: measure.isRate
        ? [0.1, 0.2, 0.25, 0.5, 1]
        : [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5],
      values: (_, splits) =>
        splits.map((value) =>
          measure.isRate ? (value > 1 ? "" : `${Math.round(value * 100)}%`) : figure(measure, value, language),
        ),
    },
  ];
}

function optionsOf({ measure, labels, language, width, height, onPoint }) {
  const bars = uPlot.paths.bars({ size: [0.7, 48] });
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: measure.isRate } },
    scales: {
      x: { time: false, range: () => [-0.5, labels.length - 0.5] },
      y: { range: (_, __, high) => (measure.isRate ? [0, 1.04] : [0, Math.max(1, high * 1.08)]) },
    },
    axes: axes(measure, labels, language),
    series: [
      {},
      measure.isRate
        ? { stroke: "#0b5c8a", width: 2, points: { show: true, size: 6, fill: "#0b5c8a" }, spanGaps: false }
        : { stroke: "#0b5c8a", fill: "#5b9fc4", width: 1, paths: bars, points: { show: false } },
    ],
    hooks: { setCursor: [(chart) => onPoint(chart.cursor.idx)] },
  };
}

function Table({ measure, trend, labels, name, texts, language }) {
  return (
    <details class="trend-table">
      <summary>{texts.trendTable}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.period}</th>
            <th scope="col">{name}</th>
          </tr>
        </thead>
        <tbody>
          {trend.map((part, index) => (
            <tr key={part.period.from}>
              <th scope="row">{labels[index]}</th>
              <td>{figure(measure, part[measure.name], language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

export function Chart({ measure, trend, unit, texts, language }) {
  const [box, readout, chart] = [useRef(null), useRef(null), useRef(null)];
  const labels = trend.map((part) => dayText(part.period.from, unit, language));
  const values = trend.map((part) => part[measure.name]);
  const name = texts.measures[measure.name];
  const drawn = [measure.name, unit, language, labels.join()].join("|");

  function tell(index) {
    const point = typeof index === "number" ? index : labels.length - 1;
    if (readout.current && point >= 0) {
      readout.current.textContent = `${labels[point]}: ${figure(measure, values[point], language)}`;
    }
  }

  // The chart is made anew when what it shows is another thing, and only given new figures otherwise.
  useEffect(() => {
    const plot = box.current;
    if (plot === null) return undefined;
    const size = () => ({ width: Math.max(200, plot.clientWidth), height: plot.clientHeight });
    const data = [labels.map((_, index) => index), values];
    chart.current = new uPlot(optionsOf({ measure, labels, language, ...size(), onPoint: tell }), data, plot);
    const observer = new ResizeObserver(() => chart.current?.setSize(size()));
    observer.observe(plot);
    // Paper is laid out too late for an observer.
    const fitPaper = () => chart.current?.setSize(PAPER);
    const fitScreen = () => chart.current?.setSize(size());
    addEventListener("beforeprint", fitPaper);
    addEventListener("afterprint", fitScreen);
    return () => {
      removeEventListener("beforeprint", fitPaper);
      removeEventListener("afterprint", fitScreen);
      observer.disconnect();
      chart.current.destroy();
      chart.current = null;
    };
  }, [drawn]);
  useEffect(() => {
    chart.current?.setData([labels.map((_, index) => index), values]);
    tell(null);
  }, [drawn, values.join()]);

  return (
    <section class="chart">
      <h2>
        {texts.trendOf(name)} <small>{texts.byUnit[unit]}</small>
        <span class="readout" ref={readout} aria-hidden="true" />
      </h2>
      <div class="plot" ref={box} role="img" aria-label={`${texts.trendOf(name)}, ${texts.byUnit[unit]}`} />
      <Table {...{ measure, trend, labels, name, texts, language }} />
    </section>
  );
}
