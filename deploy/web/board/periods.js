// Of which days is a period, and by which parts is it drawn? Days are the gateway's local days, written YYYY-MM-DD.
const ZONE = "Asia/Shanghai";
const DAY = 86_400_000;

export const PERIODS = ["thisMonth", "lastMonth", "quarter", "year", "days"];
export const UNITS = ["DAY", "WEEK", "MONTH"];
const LENGTHS = { DAY: 1, WEEK: 7, MONTH: 28 };
// The gateway tells of 400 parts at most; more than these nobody sees in a chart, either.
const MOST_PARTS = 370;
const MOST_MONTHS = 24;

export function today(now = new Date()) {
  // Swedish dates are ISO's.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short" }).format(now);
}

// While somebody types a year, it is one of antiquity: that is not asked for.
export const FIRST_DAY = "2000-01-01";
export const LAST_DAY = "2099-12-31";
const isWritten = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && text === dateText(instant(text));
export const isDay = (text) => isWritten(text) && text >= FIRST_DAY && text <= LAST_DAY;

function instant(day) {
  const [year, month, date] = day.split("-").map(Number);
  return Date.UTC(year, month - 1, date);
}

function dateText(time) {
  return Number.isNaN(time) ? "" : new Date(time).toISOString().slice(0, 10);
}

// The first day of the month that lies so many months before or after that of a day.
export function monthOf(day, shift = 0) {
  const [year, month] = day.split("-").map(Number);
  return dateText(Date.UTC(year, month - 1 + shift, 1));
}

export function daysOf({ period, from, to }, now = today()) {
  if (period === "days" && isDay(from) && isDay(to)) return from <= to ? { from, to } : { from: to, to: from };
  if (period === "thisMonth") return { from: monthOf(now), to: now };
  if (period === "lastMonth") return { from: monthOf(now, -1), to: dateText(instant(monthOf(now)) - DAY) };
  if (period === "quarter") return { from: monthOf(now, -((Number(now.slice(5, 7)) - 1) % 3)), to: now };
  return { from: `${now.slice(0, 4)}-01-01`, to: now };
}

const lengthOf = ({ from, to }) => (instant(to) - instant(from)) / DAY + 1;

export const canBeDrawnBy = (days, unit) => lengthOf(days) / LENGTHS[unit] <= MOST_PARTS;

export function unitOf(days, chosen) {
  if (UNITS.includes(chosen) && canBeDrawnBy(days, chosen)) return chosen;
  const length = lengthOf(days);
  if (length <= 45) return "DAY";
  if (length <= 190) return "WEEK";
  return canBeDrawnBy(days, "MONTH") ? "MONTH" : "YEAR";
}

// Twelve months up to the period's last one, or all of a longer period's up to two years.
export function heatFrom({ from, to }) {
  const [year, longest] = [monthOf(to, -11), monthOf(to, 1 - MOST_MONTHS)];
  const begin = from < year ? monthOf(from) : year;
  return begin < longest ? longest : begin;
}

export function monthsOf({ from, to }) {
  const months = [];
  for (let month = monthOf(from); month <= to; month = monthOf(month, 1)) months.push(month.slice(0, 7));
  return months;
}

export function dayText(day, unit, language) {
  const options =
    unit === "MONTH" || unit === "YEAR" ? { year: "2-digit", month: "short" } : { month: "numeric", day: "numeric" };
  return new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(instant(day));
}

export function instantText(time, language) {
  const options = { timeZone: ZONE, dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", options).format(new Date(time));
}
