// What can be chosen on the board: the period, the parts of the trend, what the rows are, and the language.
import { MEASURES } from "./measures.js";
import { FIRST_DAY, LAST_DAY, PERIODS, UNITS, canBeDrawnBy, isDay } from "./periods.js";

export function Bar({ session, status, onTenant, onSignOut, onLanguage, texts }) {
  return (
    <header class="bar">
      <strong class="brand">{texts.brand}</strong>
      {status}
      <span class="gap" />
      {session?.tenants?.length > 1 && session.tenant && (
        <label>
          <span class="unseen">{texts.tenant}</span>
          <select value={session.tenant} onChange={(event) => onTenant(event.currentTarget.value)}>
            {session.tenants.map((each) => (
              <option key={each.slug} value={each.slug}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
      )}
      {session?.account && <span class="account">{session.account}</span>}
      <button type="button" lang={texts.language === "English" ? "en" : "zh-CN"} onClick={onLanguage}>
        {texts.language}
      </button>
      {session && (
        <button type="button" onClick={onSignOut}>
          {texts.signOut}
        </button>
      )}
    </header>
  );
}

function Choice({ label, name, value, options, onChange }) {
  return (
    <label>
      {label}{" "}
      <select data-control={name} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((each) => (
          <option key={each.value} value={each.value} disabled={each.isDisabled}>
            {each.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Day({ label, value, onChange }) {
  const change = ({ currentTarget: { value: day } }) => isDay(day) && onChange(day);
  return (
    <label>
      {label} <input type="date" required min={FIRST_DAY} max={LAST_DAY} value={value} onChange={change} />
    </label>
  );
}

export function Controls({ place, view, go, texts }) {
  const named = (values) => values.map((value) => ({ value, label: texts[value] }));
  // Years are for periods that are too long for anything else.
  const offered = UNITS.includes(view.unit) ? UNITS : [...UNITS, view.unit];
  const units = offered.map((value) => ({
    value,
    label: texts[value],
    isDisabled: value !== view.unit && !canBeDrawnBy(view.days, value),
  }));
  const measures = MEASURES.map((each) => ({ value: each.name, label: texts.measures[each.name] }));
  return (
    <div class="controls">
      <Choice
        label={texts.period}
        name="period"
        value={place.period}
        options={named(PERIODS)}
        onChange={(period) => go({ period, ...view.days, unit: "" })}
      />
      {place.period === "days" && (
        <>
          <Day label={texts.from} value={view.days.from} onChange={(from) => go({ ...view.days, from, unit: "" })} />
          <Day label={texts.to} value={view.days.to} onChange={(to) => go({ ...view.days, to, unit: "" })} />
        </>
      )}
      <Choice label={texts.unit} name="unit" value={view.unit} options={units} onChange={(unit) => go({ unit })} />
      <Choice
        label={texts.heatMeasure}
        name="measure"
        value={place.measure}
        options={measures}
        onChange={(measure) => go({ measure })}
      />
      <button type="button" class="print" onClick={() => print()}>
        {texts.print}
      </button>
    </div>
  );
}

export function RowKinds({ place, go, texts }) {
  if (place.at !== "district") return null;
  return (
    <div class="tabs" role="group" aria-label={texts.rows}>
      {["streets", "communities"].map((rows) => (
        <button key={rows} type="button" aria-pressed={place.rows === rows} onClick={() => go({ rows })}>
          {texts[rows]}
        </button>
      ))}
    </div>
  );
}
