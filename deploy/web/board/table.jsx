// Who stands where? Streets, communities or grids with every figure, in the order of any of them, and a strip of months.
import { MEASURES, figure, measureOf } from "./measures.js";
import { STEPS, ranked, scaleOf, stepOf } from "./ranking.js";

function Heat({ months, names, measure, scale, texts, language }) {
  const cells = (months ?? []).map((month, index) => {
    const value = month[measure.name];
    return { step: stepOf(scale, value), text: `${names[index]}: ${figure(measure, value, language)}` };
  });
  const label = `${texts.heatOf(texts.measures[measure.name])}: ${cells.map((cell) => cell.text).join(", ")}`;
  return (
    <div class={`heat ${measure.good < 0 ? "warm" : "cool"}`} role="img" aria-label={label}>
      {cells.map((cell, index) => (
        <i key={names[index]} class={cell.step === null ? "none" : `step${cell.step}`} title={cell.text} />
      ))}
    </div>
  );
}

export function HeatLegend({ measure, scale, texts, language }) {
  if (scale === null) return null;
  return (
    <p class={`legend ${measure.good < 0 ? "warm" : "cool"}`}>
      <span>{texts.heatOf(texts.measures[measure.name])}</span>
      <span>{figure(measure, scale.low, language)}</span>
      <span class="heat" aria-hidden="true">
        {Array.from({ length: STEPS }, (_, step) => (
          <i key={step} class={`step${step}`} />
        ))}
      </span>
      <span>{figure(measure, scale.high, language)}</span>
    </p>
  );
}

function SortHeader({ name, label, sort, onSort, className }) {
  const isSorted = sort.by === name;
  const state = sort.isAscending ? "ascending" : "descending";
  return (
    <th scope="col" class={className} aria-sort={isSorted ? state : undefined}>
      <button type="button" data-sort={name} onClick={() => onSort(name)}>
        {label}
        {isSorted && (
          <span class="arrow" aria-hidden="true">
            {/* A word joiner: the arrow never stands on a line of its own. */}
            {`\u2060${sort.isAscending ? "▲" : "▼"}`}
          </span>
        )}
      </button>
    </th>
  );
}

const classOf = (measure, sort) =>
  `figure ${measure.isRate ? "rate" : ""} ${measure.name === (sort.by === "name" ? "reported" : sort.by) ? "sorted" : ""}`;

function Head({ kind, measure, names, sort, onSort, texts }) {
  return (
    <thead>
      <tr>
        <th scope="col" class="place">
          {texts.rank}
        </th>
        <SortHeader name="name" label={texts[kind]} sort={sort} onSort={onSort} className="name" />
        <th scope="col" class="months">
          <span>{texts.heatOf(texts.measures[measure.name])}</span>
          <span class="ends" aria-hidden="true">
            <span>{names[0]}</span>
            <span>{names.at(-1)}</span>
          </span>
        </th>
        {MEASURES.map((each) => (
          <SortHeader
            key={each.name}
            name={each.name}
            label={texts.measures[each.name]}
            sort={sort}
            onSort={onSort}
            className={classOf(each, sort)}
          />
        ))}
      </tr>
    </thead>
  );
}

function Row({ row, place, sort, hrefOf, heat, language }) {
  return (
    <tr data-id={row.id}>
      <td class="place">{place ?? "–"}</td>
      <th scope="row" class="name">
        <a href={hrefOf(row)}>{row.name}</a>
        {row.street && <small>{row.street.name}</small>}
      </th>
      <td class="months">
        <Heat months={row.months} {...heat} />
      </td>
      {MEASURES.map((each) => (
        <td key={each.name} class={classOf(each, sort)} data-measure={each.name}>
          {figure(each, row.caseSummary?.[each.name], language)}
        </td>
      ))}
    </tr>
  );
}

function Total({ whole, sort, texts, language }) {
  return (
    <tfoot>
      <tr>
        <td class="place" />
        <th scope="row" class="name" title={texts.totalHelp}>
          {texts.total}
        </th>
        <td class="months" />
        {MEASURES.map((each) => (
          <td key={each.name} class={classOf(each, sort)}>
            {figure(each, whole[each.name], language)}
          </td>
        ))}
      </tr>
    </tfoot>
  );
}

// For phones, where there is one figure a row and no header to press for the others.
function Sorting({ sort, onSort, texts }) {
  return (
    <div class="sorting">
      <label>
        {texts.sortBy}{" "}
        <select value={sort.by} onChange={(event) => onSort(event.currentTarget.value)}>
          <option value="name">{texts.name}</option>
          {MEASURES.map((each) => (
            <option key={each.name} value={each.name}>
              {texts.measures[each.name]}
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={() => onSort(sort.by)}>
        {sort.isAscending ? `▲ ${texts.ascending}` : `▼ ${texts.descending}`}
      </button>
    </div>
  );
}

export function Rows({ kind, nodes, left, whole, months, chosen, sort, onSort, hrefOf, texts, language }) {
  const measure = measureOf(chosen);
  const scale = scaleOf(nodes, measure);
  const heat = { names: months, measure, scale, texts, language };
  if (nodes.length === 0) return <p class="note">{texts.noRows}</p>;
  return (
    <section class="rows">
      <Sorting sort={sort} onSort={onSort} texts={texts} />
      <HeatLegend measure={measure} scale={scale} texts={texts} language={language} />
      <div
        class="scroll"
        tabIndex={0}
        role="region"
        aria-label={texts[`${kind === "community" ? "communitie" : kind}s`]}
      >
        <table class="ranking">
          <Head kind={kind} measure={measure} names={months} sort={sort} onSort={onSort} texts={texts} />
          <tbody>
            {ranked(nodes, sort).map(({ row, place }) => (
              <Row key={row.id} row={row} place={place} sort={sort} hrefOf={hrefOf} heat={heat} language={language} />
            ))}
          </tbody>
          {whole && <Total whole={whole} sort={sort} texts={texts} language={language} />}
        </table>
      </div>
      {left > 0 && <p class="note">{texts.notListed(left)}</p>}
    </section>
  );
}
