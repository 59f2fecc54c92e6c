// What is looked at? Kept in the address behind the #, so that it can be reloaded, gone back from and sent on; who
// looks is never there.
import { MEASURES, flagOf } from "./measures.js";
import { PERIODS, UNITS, daysOf, heatFrom, isDay, unitOf } from "./periods.js";

const KINDS = ["district", "street", "community", "grid"];
const OPERATIONS = { district: "District", street: "Street", community: "Community", grid: "Grid" };
const DEFAULTS = {
  at: "",
  id: "",
  rows: "streets",
  period: "year",
  from: "",
  to: "",
  unit: "",
  measure: "reported",
  by: "reported",
  order: "down",
};
const isMeasure = (name) => MEASURES.some((each) => each.name === name);
const ALLOWED = {
  at: (text) => KINDS.includes(text),
  id: (text) => /^[a-z]{3}_\d+_[0-9a-f-]+$/.test(text),
  rows: (text) => ["streets", "communities"].includes(text),
  period: (text) => PERIODS.includes(text),
  from: isDay,
  to: isDay,
  unit: (text) => UNITS.includes(text),
  measure: isMeasure,
  by: (text) => text === "name" || isMeasure(text),
  order: (text) => ["up", "down"].includes(text),
};

export function readPlace(hash = location.hash) {
  const given = new URLSearchParams(hash.slice(1));
  const known = Object.entries(DEFAULTS).map(([name, usual]) => {
    const text = given.get(name);
    return [name, text !== null && ALLOWED[name](text) ? text : usual];
  });
  return Object.fromEntries(known);
}

export function addressOf(place) {
  const told = Object.entries(place).filter(([name, text]) => name in DEFAULTS && text !== DEFAULTS[name]);
  return `#${new URLSearchParams(told)}`;
}

export const placeBelow = (place, kind, id) => ({ ...place, at: kind, id });

// The place asked for, or the one that the tenant looks after.
export function rooted(place, root) {
  return place.at && (place.id || place.at === "district") ? place : { ...place, at: root.kind, id: root.id };
}

export function viewOf(place) {
  const days = daysOf(place);
  const unit = unitOf(days, place.unit);
  const isByCommunity = place.at === "district" && place.rows === "communities";
  const variables = { ...days, unit };
  if (place.at !== "district") variables.id = place.id;
  if (place.at !== "grid") Object.assign(variables, { heatFrom: heatFrom(days), [flagOf(place.measure)]: true });
  return { operation: isByCommunity ? "DistrictCommunities" : OPERATIONS[place.at], variables, days, unit };
}
