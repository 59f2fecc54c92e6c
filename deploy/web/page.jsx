// The demo's page: GraphiQL, with a picker above it that fills in who asks and in which tenant.
import "./workers.js";
import "graphiql/style.css";
import "./page.css";
import { GraphiQLInterface } from "graphiql";
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from "@graphiql/plugin-doc-explorer";
import { HISTORY_PLUGIN, HistoryStore } from "@graphiql/plugin-history";
import { GraphiQLProvider, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";
import { useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

const WELCOME = `# 近邻 · Jinlin
# 在上方选择账号和单位，然后按 Ctrl-Enter 执行。
# Pick an account and a tenant above, then press Ctrl-Enter.

query Me {
  me {
    account { displayName }
    tenant { slug name kind }
    positions { kind { code name } place { name } }
    tenants { slug name }
  }
}
`;

function headersOf(account, tenant) {
  if (!account) return {};
  return { Authorization: `Bearer ${account.token}`, ...(tenant ? { "X-Tenant": tenant } : {}) };
}

function callerOf(text) {
  const { Authorization: authorization, "X-Tenant": tenant } = JSON.parse(text || "{}");
  return { authorization, tenant };
}

const textOf = (headers) => JSON.stringify(headers, null, 2);

function groupsOf(accounts) {
  const groups = new Map();
  for (const account of accounts) {
    const [first] = account.tenants;
    const label = first ? `${first.name} · ${first.slug}` : "没有单位 · no tenant";
    groups.set(label, [...(groups.get(label) ?? []), account]);
  }
  return [...groups];
}

function Picker({ accounts, picked, onPick, editorRef }) {
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  const activeTabIndex = useGraphiQL((state) => state.activeTabIndex);
  const { introspect } = useGraphiQLActions();

  useEffect(() => {
    editorRef.current = headerEditor;
    // A new tab begins with the account that is picked.
    if (headerEditor && !headerEditor.getValue().trim()) {
      headerEditor.setValue(textOf(headersOf(picked.account, picked.tenant)));
    }
  }, [headerEditor, activeTabIndex]);

  function pick(account, tenant) {
    onPick({ account, tenant });
    headerEditor?.setValue(textOf(headersOf(account, tenant)));
    introspect();
  }

  return (
    <header className="picker">
      <strong>近邻 Jinlin</strong>
      <label>
        账号 <span>account</span>
        <select
          value={picked.account.account}
          onChange={(event) => {
            const account = accounts.find((each) => each.account === event.target.value);
            pick(account, account.tenants[0]?.slug);
          }}
        >
          {groupsOf(accounts).map(([label, members]) => (
            <optgroup key={label} label={label}>
              {members.map((each) => (
                <option key={each.account} value={each.account}>
                  {each.account} · {each.name}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      <label>
        单位 <span>tenant</span>
        <select
          value={picked.tenant ?? ""}
          disabled={picked.account.tenants.length === 0}
          onChange={(event) => pick(picked.account, event.target.value)}
        >
          {picked.account.tenants.map((each) => (
            <option key={each.slug} value={each.slug}>
              {each.slug} · {each.name}
            </option>
          ))}
        </select>
      </label>
    </header>
  );
}

function Page({ accounts }) {
  const [picked, setPicked] = useState({ account: accounts[0], tenant: accounts[0]?.tenants[0]?.slug });
  const [initial] = useState(() => headersOf(picked.account, picked.tenant));
  const editorRef = useRef(null);
  // One function for the page's whole life: GraphiQL asks for the schema anew whenever it is given another.
  const [fetcher] = useState(() => {
    const send = createGraphiQLFetcher({
      url: "/graphql",
      // Of a socket, only its first message says who listens and where; it is opened for each subscription.
      wsClient: createClient({
        url: `${location.protocol.replace("http", "ws")}//${location.host}/graphql`,
        connectionParams: () => callerOf(editorRef.current?.getValue()),
      }),
      enableIncrementalDelivery: false,
    });
    // What is sent is what the headers' editor shows, so that it can be copied into a client. Before the editor is
    // there, the schema is asked for as the first account.
    return (parameters, options) =>
      send(parameters, { ...options, headers: (editorRef.current ? options?.headers : initial) ?? {} });
  });
  return (
    <GraphiQLProvider
      fetcher={fetcher}
      plugins={[DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN]}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultQuery={WELCOME}
      initialHeaders={textOf(initial)}
      defaultTheme="light"
    >
      {accounts.length > 0 && <Picker accounts={accounts} picked={picked} onPick={setPicked} editorRef={editorRef} />}
      <HistoryStore>
        <DocExplorerStore>
          <GraphiQLInterface defaultEditorToolsVisibility="headers" showPersistHeadersSettings={false} />
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}

const answer = await fetch("/demo/accounts", { headers: { Accept: "application/json" } });
const accounts = answer.ok ? await answer.json() : [];
createRoot(document.getElementById("page")).render(<Page accounts={accounts} />);
