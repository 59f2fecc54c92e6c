// How is the gateway asked? By the operations of one document, with values in variables, and nothing else.
import documentText from "./board.graphql";

export class Fault extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

// What passes by itself: what is shown stays, and is asked for again.
const PASSING = new Set(["OFFLINE", "UNAVAILABLE", "TRY_AGAIN", "INTERNAL"]);
export const isPassing = (fault) => PASSING.has(fault.code);
export const endsSession = (fault) => fault.code === "UNAUTHENTICATED" || fault.code === "TENANT_UNKNOWN";

export const requestOf = (operation, variables = {}) => ({
  query: documentText,
  operationName: operation,
  variables,
});

export async function ask({ token, tenant, language }, operation, variables, signal) {
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/json",
    "Accept-Language": language,
    Authorization: `Bearer ${token}`,
    ...(tenant ? { "X-Tenant": tenant } : {}),
  };
  const answer = await send(headers, JSON.stringify(requestOf(operation, variables)), signal);
  const [error] = answer.errors ?? [];
  if (error && (!answer.data || error.extensions?.code !== "FORBIDDEN")) {
    throw new Fault(error.extensions?.code ?? "INTERNAL", error.message);
  }
  return { data: answer.data, refusal: error ? new Fault("FORBIDDEN", error.message) : null };
}

// A connection that is dead without saying so is given up, and asked anew.
const PATIENCE = 30_000;

async function send(headers, body, given) {
  const patience = AbortSignal.timeout(PATIENCE);
  const signal = given ? AbortSignal.any([given, patience]) : patience;
  let response;
  try {
    response = await fetch("/graphql", {
      method: "POST",
      headers,
      body,
      signal,
      credentials: "omit",
      cache: "no-store",
    });
    return await response.json();
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Fault("OFFLINE", response ? String(response.status) : fault.message);
  }
}

// One view: its operation, and for the communities of a large district the further pages of its rows.
export async function askView(session, { operation, variables }, signal) {
  const { data, refusal } = await ask(session, operation, variables, signal);
  const { rows: beside = null, here } = data ?? {};
  const rows = beside ?? here?.rows ?? null;
  const nodes = [...(rows?.nodes ?? [])];
  let info = rows?.pageInfo;
  while (info?.hasNextPage) {
    const { id: _id, unit: _unit, ...rest } = variables;
    const more = await ask(session, "MoreCommunities", { ...rest, after: info.endCursor }, signal);
    nodes.push(...more.data.rows.nodes);
    info = more.data.rows.pageInfo;
  }
  return { here, refusal, rows: rows && { nodes, totalCount: rows.totalCount } };
}
