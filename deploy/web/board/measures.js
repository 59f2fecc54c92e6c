// Which figures are there, in which order, and what does a rise of them mean? counters.md defines each.
const count = (name, good = 0) => ({ name, isRate: false, good });
const rate = (name) => ({ name, isRate: true, good: 1 });

// `good`: 1 where more is better, -1 where it is worse, 0 where it is neither.
export const MEASURES = [
  count("reported"),
  count("accepted"),
  count("dispatched"),
  count("handledOnSpot", 1),
  count("dueToClose"),
  count("closed", 1),
  rate("closureRate"),
  count("closedOnTime", 1),
  rate("onTimeRate"),
  count("overdue", -1),
  count("reworked", -1),
  count("extended", -1),
  count("whistled"),
  count("calledBack"),
  count("contacted"),
  rate("contactRate"),
  count("solved", 1),
  rate("solvedRate"),
  count("satisfied", 1),
  rate("satisfiedRate"),
];

// Rates are looked at first; then what they are made of.
export const TILES = [...MEASURES.filter((each) => each.isRate), ...MEASURES.filter((each) => !each.isRate)];

const BY_NAME = new Map(MEASURES.map((each) => [each.name, each]));

export const measureOf = (name) => BY_NAME.get(name) ?? MEASURES[0];

// The variable by which a row's months are asked for this measure alone.
export const flagOf = (name) => `is${name[0].toUpperCase()}${name.slice(1)}`;

const NOTHING = "–";

export function figure(measure, value, language) {
  if (value === null || value === undefined) return NOTHING;
  const options = measure.isRate
    ? { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }
    : { maximumFractionDigits: 0 };
  return new Intl.NumberFormat(language, options).format(value);
}

// How a figure stands against an earlier one: null where there is nothing to compare.
export function change(measure, now, before, language) {
  if (typeof now !== "number" || typeof before !== "number") return null;
  const difference = now - before;
  const direction = Math.sign(difference);
  return { direction, isGood: direction * measure.good, text: size(measure, Math.abs(difference), before, language) };
}

function size(measure, difference, before, language) {
  const number = (value, options) => new Intl.NumberFormat(language, options).format(value);
  // Rates differ by percentage points; a count over none before has no percentage.
  if (measure.isRate) return `${number(difference * 100, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} pp`;
  if (before === 0) return number(difference, {});
  return number(difference / before, { style: "percent", maximumFractionDigits: difference / before < 0.1 ? 1 : 0 });
}
