// In which order do rows stand, and which place does each have? Equal figures share a place, and the next one is left
// out (1, 2, 2, 4); what has no figure comes last, whichever way round, and has no place.
const NAMES = new Intl.Collator("zh-CN", { numeric: true });

export function ranked(rows, { by, isAscending }) {
  const sign = isAscending ? 1 : -1;
  const byName = (one, other) => NAMES.compare(one.name, other.name);
  if (by === "name") {
    return [...rows].sort((one, other) => sign * byName(one, other)).map((row) => ({ row, place: null }));
  }
  const value = (row) => row.caseSummary?.[by] ?? null;
  const sorted = [...rows].sort((one, other) => compare(value(one), value(other), sign) || byName(one, other));
  let place = 0;
  return sorted.map((row, index) => {
    if (value(row) === null) return { row, place: null };
    if (index === 0 || value(row) !== value(sorted[index - 1])) place = index + 1;
    return { row, place };
  });
}

function compare(one, other, sign) {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return sign * (one - other);
}

// Colours go by sevenths of the largest figure; those of rates by what lies between the lowest and the highest.
export const STEPS = 7;

export function scaleOf(rows, measure) {
  const values = rows.flatMap((row) => (row.months ?? []).map((month) => month[measure.name]));
  const known = values.filter((value) => typeof value === "number");
  if (known.length === 0) return null;
  return { low: measure.isRate ? Math.min(...known) : 0, high: Math.max(...known) };
}

export function stepOf(scale, value) {
  if (typeof value !== "number") return null;
  if (scale.high === scale.low) return value === 0 ? 0 : STEPS - 1;
  return Math.min(STEPS - 1, Math.floor(((value - scale.low) / (scale.high - scale.low)) * STEPS));
}
