// The demo's page: GraphiQL, with a picker above it that fills in who asks and in which tenant.
import "./workers.js";
import "graphiql/style.css";
import "./page.css";
import { GraphiQLInterface } from "graphiql";
import { DOC_EXPLORER_PLUGIN, DocExplorerStore } from "@graphiql/plugin-doc-explorer";
import { HISTORY_PLUGIN, HistoryStore } from "@graphiql/plugin-history";
import { GraphiQLProvider, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { useState } from "react";
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

function Picker({ accounts, picked, onPick }) {
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  const { introspect } = useGraphiQLActions();

  function pick(account, tenant) {
    onPick({ account, tenant });
    // What is sent is what the headers' editor shows, so that it can be copied into a client.
    headerEditor?.setValue(JSON.stringify(headersOf(account, tenant), null, 2));
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
          {accounts.map((each) => (
            <option key={each.account} value={each.account}>
              {each.account} · {each.name}
            </option>
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
  const headers = headersOf(picked.account, picked.tenant);
  const [fetcher] = useState(() =>
    createGraphiQLFetcher({
      url: "/graphql",
      subscriptionUrl: `${location.protocol.replace("http", "ws")}//${location.host}/graphql`,
      enableIncrementalDelivery: false,
    }),
  );
  return (
    <GraphiQLProvider
      // Headers typed or picked win; before anything is typed, the first account asks.
      fetcher={(parameters, options) =>
        fetcher(parameters, { ...options, headers: { ...headers, ...options?.headers } })
      }
      plugins={[DOC_EXPLORER_PLUGIN, HISTORY_PLUGIN]}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultQuery={WELCOME}
      initialHeaders={JSON.stringify(headers, null, 2)}
      defaultTheme="light"
    >
      {accounts.length > 0 && <Picker accounts={accounts} picked={picked} onPick={setPicked} />}
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
