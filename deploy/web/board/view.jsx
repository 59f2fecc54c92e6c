// One place: what it sums up to, how that went, and how those below it stand.
import { useEffect, useRef } from "preact/hooks";
import { Chart } from "./chart.jsx";
import { Controls, RowKinds } from "./controls.jsx";
import { measureOf } from "./measures.js";
import { heatFrom, instantText, monthsOf } from "./periods.js";
import { addressOf, placeBelow } from "./place.js";
import { Rows } from "./table.jsx";
import { Tiles } from "./tiles.jsx";

const BELOW = { district: "street", street: "community", community: "grid" };

// From the district down to here, beginning with what the tenant itself looks after.
function pathOf(here, root) {
  const street = here.street ?? here.community?.street;
  const district = here.district ?? street?.district;
  const above = [
    district && { kind: "district", ...district },
    street && { kind: "street", ...street },
    here.community && { kind: "community", ...here.community },
  ].filter(Boolean);
  const begin = above.findIndex((each) => each.kind === root.kind);
  return begin < 0 ? [] : above.slice(begin);
}

function Crumbs({ here, root, place, texts }) {
  const path = pathOf(here, root);
  if (path.length === 0) return null;
  return (
    <nav class="crumbs" aria-label={texts.breadcrumbs}>
      {path.map((each) => (
        <a key={each.kind} href={addressOf(placeBelow(place, each.kind, each.kind === "district" ? "" : each.id))}>
          {each.name}
        </a>
      ))}
      <span aria-current="page">{here.name}</span>
    </nav>
  );
}

function Compared({ whole, texts, language }) {
  if (!whole) return null;
  const days = ({ from, to }) => `${from} – ${to}`;
  return (
    <p class="compared">
      <strong>{days(whole.period)}</strong>
      {whole.previous && (
        <span>
          {texts.previous} {days(whole.previous.period)}
        </span>
      )}
      {whole.lastYear && (
        <span>
          {texts.lastYear} {days(whole.lastYear.period)}
        </span>
      )}
      <span>{texts.asOf(instantText(whole.cutOffAt, language))}</span>
      <span>{texts.rule(whole.ruleVersion)}</span>
    </p>
  );
}

const hasSums = ({ here, rows }) => Boolean(here.whole) || Boolean(rows?.nodes.some((row) => row.caseSummary));

const isStart = (place, root) => place.at === root.kind && (place.at === "district" || place.id === root.id);

function Nothing({ text, texts, root, place }) {
  return (
    <div class="fault" role="alert">
      <p>{text}</p>
      {!isStart(place, root) && (
        <p>
          <a href={addressOf({ ...place, at: "", id: "" })}>{texts.backToStart}</a>
        </p>
      )}
    </div>
  );
}

function Below({ place, view, answer, go, texts, language }) {
  const kind = place.at === "district" && place.rows === "communities" ? "community" : BELOW[place.at];
  // Who sees a part alone is shown that part.
  const nodes = answer.rows.nodes.filter((row) => row.caseSummary || answer.here.whole);
  const left = answer.rows.totalCount - answer.rows.nodes.length;
  const months = monthsOf({ from: heatFrom(view.days), to: view.days.to });
  const sort = { by: place.by, isAscending: place.order === "up" };
  // Figures begin with the largest, names with the first.
  const usual = (by) => (by === "name" ? "up" : "down");
  const onSort = (by) => go({ by, order: by === place.by ? (sort.isAscending ? "down" : "up") : usual(by) });
  return (
    <Rows
      {...{ kind, nodes, left, months, sort, onSort, texts, language }}
      whole={answer.here.whole}
      chosen={place.measure}
      hrefOf={(row) => addressOf(placeBelow(place, kind, row.id))}
    />
  );
}

// A reader of the screen hears where it is whenever another place is looked at.
function Title({ here, place, texts }) {
  const heading = useRef(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${here.name} · ${texts.board} · ${texts.brand}`;
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [here.id]);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {here.name} <small>{texts[place.at]}</small>
    </h1>
  );
}

export function View({ place, root, view, answer, isLoading, go, texts, language }) {
  const { here } = answer;
  const shared = { texts, language };
  if (!here || !hasSums(answer)) {
    return (
      <main aria-busy={isLoading}>
        {here && <Crumbs here={here} root={root} place={place} texts={texts} />}
        {here && <Title here={here} place={place} texts={texts} />}
        <Nothing text={here || answer.refusal ? texts.noSums : texts.noPlace} {...{ texts, root, place }} />
      </main>
    );
  }
  return (
    <main aria-busy={isLoading}>
      <Crumbs here={here} root={root} place={place} texts={texts} />
      <Title here={here} place={place} texts={texts} />
      <Compared whole={here.whole} {...shared} />
      <Controls place={place} view={view} go={go} texts={texts} />
      {here.whole && (
        <div class="overview">
          <Tiles
            whole={here.whole}
            trend={here.trend}
            chosen={place.measure}
            onChoose={(measure) => go({ measure })}
            {...shared}
          />
          <Chart measure={measureOf(place.measure)} trend={here.trend} unit={view.unit} {...shared} />
        </div>
      )}
      {!here.whole && <p class="note">{texts.partSums}</p>}
      <RowKinds place={place} go={go} texts={texts} />
      {answer.rows && <Below {...{ place, view, answer, go }} {...shared} />}
    </main>
  );
}
