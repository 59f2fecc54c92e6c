// The sums of a place: each figure, what it was before and a year ago, and how it went.
import { TILES, change, figure } from "./measures.js";

const [WIDTH, HEIGHT] = [100, 30];

// A line for what is known; it breaks where nothing is.
function lineOf(values, isRate) {
  const known = values.filter((value) => typeof value === "number");
  const high = Math.max(0, ...known);
  // Counts rise from nothing; of rates, the upper part is what differs.
  const low = isRate ? Math.min(high - 0.1, ...known) : 0;
  const x = (index) => (values.length === 1 ? WIDTH / 2 : (index / (values.length - 1)) * WIDTH);
  const y = (value) => HEIGHT - 2 - ((value - low) / (high - low || 1)) * (HEIGHT - 4);
  let isDrawing = false;
  return values
    .map((value, index) => {
      if (typeof value !== "number") {
        isDrawing = false;
        return "";
      }
      const point = `${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      // A point between two gaps is seen as a dash.
      const begin = isDrawing ? `L${point}` : `M${point}h0.1`;
      isDrawing = true;
      return begin;
    })
    .join("");
}

function Spark({ values, isRate, label }) {
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={lineOf(values, isRate)} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

const SIGNS = { 1: "▲", 0: "＝", "-1": "▼" };
const MEANINGS = { 1: "good", 0: "", "-1": "bad" };

function Change({ measure, now, before, texts, language }) {
  const told = change(measure, now, before, language);
  if (told === null) return null;
  const word = { 1: texts.rise, 0: texts.same, "-1": texts.fall }[told.direction];
  return (
    <span class={`change ${MEANINGS[told.isGood]}`}>
      <span aria-hidden="true">{SIGNS[told.direction]}</span>
      <span class="unseen">{word}</span> {told.direction === 0 ? "" : told.text}
    </span>
  );
}

function Compared({ label, measure, now, sums, texts, language }) {
  const before = sums?.[measure.name];
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span class="before">{figure(measure, before, language)}</span>{" "}
        <Change measure={measure} now={now} before={before} texts={texts} language={language} />
      </dd>
    </div>
  );
}

function Tile({ measure, whole, trend, isChosen, onChoose, texts, language }) {
  const name = texts.measures[measure.name];
  const now = whole[measure.name];
  const shared = { measure, now, texts, language };
  return (
    <li class="tile" data-measure={measure.name}>
      <h3>
        <button type="button" aria-pressed={isChosen} onClick={() => onChoose(measure.name)}>
          {name}
        </button>
      </h3>
      <p class="value">{figure(measure, now, language)}</p>
      <Spark values={trend.map((part) => part[measure.name])} isRate={measure.isRate} label={texts.trendOf(name)} />
      <dl>
        <Compared label={texts.toPrevious} sums={whole.previous} {...shared} />
        <Compared label={texts.toLastYear} sums={whole.lastYear} {...shared} />
      </dl>
    </li>
  );
}

export function Tiles({ whole, trend, chosen, onChoose, texts, language }) {
  return (
    <section class="tiles" aria-label={texts.figures}>
      <ul>
        {TILES.map((measure) => (
          <Tile
            key={measure.name}
            measure={measure}
            whole={whole}
            trend={trend}
            isChosen={measure.name === chosen}
            onChoose={onChoose}
            texts={texts}
            language={language}
          />
        ))}
      </ul>
    </section>
  );
}
