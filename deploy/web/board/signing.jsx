// Who looks, and in which tenant? A token, kept in this tab's own storage and sent to /graphql alone.
import { useEffect, useState } from "preact/hooks";
import { ask } from "./asking.js";

const KEPT = "jinlin.board.session";

export function keptSession() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

export function keepSession(session) {
  if (session.token) sessionStorage.setItem(KEPT, JSON.stringify({ token: session.token, tenant: session.tenant }));
  else sessionStorage.removeItem(KEPT);
}

// Asks who somebody is, and where the chosen tenant begins.
export async function openSession({ token, tenant, language }, signal) {
  const { data } = await ask({ token, language }, "SignIn", {}, signal);
  const tenants = data.me.tenants ?? [];
  const slug = tenants.some((each) => each.slug === tenant) ? tenant : tenants.length === 1 ? tenants[0].slug : null;
  const session = { token, tenant: slug, account: data.me.account?.displayName ?? "", tenants, root: null };
  if (slug === null) return session;
  const here = await ask({ token, tenant: slug, language }, "Here", {}, signal);
  const found = here.data.me.tenant;
  return { ...session, root: { kind: found.kind.toLowerCase(), id: found.place?.id ?? "" } };
}

// The demo names the address of its accounts, to those on its own machine.
function useDemoAccounts() {
  const [accounts, setAccounts] = useState([]);
  useEffect(() => {
    const address = document.querySelector('meta[name="accounts"]').content;
    if (!address) return;
    fetch(address, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : []))
      .then(setAccounts, () => setAccounts([]));
  }, []);
  return accounts;
}

function DemoPicker({ accounts, onToken, texts }) {
  const [name, setName] = useState("officer@gulou");
  const known = accounts.find((each) => each.account === name) ?? accounts[0];
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        onToken(known.token);
      }}
    >
      <label>
        {texts.demoAccounts}
        <select value={known.account} onChange={(event) => setName(event.currentTarget.value)}>
          {accounts.map((each) => (
            <option key={each.account} value={each.account}>
              {each.account} · {each.name}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="main">
        {texts.enter}
      </button>
    </form>
  );
}

export function SignIn({ onToken, fault, texts }) {
  const [text, setText] = useState("");
  const accounts = useDemoAccounts();
  const submit = (event) => {
    event.preventDefault();
    const token = text.replace(/^\s*bearer\s+/i, "").replace(/\s+/g, "");
    if (token) onToken(token);
  };
  return (
    <main class="narrow">
      <h1>{texts.board}</h1>
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {accounts.length > 0 && <DemoPicker accounts={accounts} onToken={onToken} texts={texts} />}
      <form class="sign-in" onSubmit={submit}>
        <label>
          {texts.token}
          {/* Without a name, it is in no form that a browser sends, and no password that one keeps. */}
          <textarea
            class="token"
            rows={3}
            required
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "Enter" && submit(event)}
          />
        </label>
        <p class="note">{texts.tokenHelp}</p>
        <button type="submit" class="main">
          {texts.signIn}
        </button>
      </form>
    </main>
  );
}

export function ChooseTenant({ session, onTenant, onSignOut, texts }) {
  return (
    <main class="narrow">
      <h1>{texts.chooseTenant}</h1>
      {session.tenants.length === 0 && (
        <p class="fault" role="alert">
          {texts.noTenants}
        </p>
      )}
      <ul class="choices">
        {session.tenants.map((each) => (
          <li key={each.slug}>
            <button type="button" onClick={() => onTenant(each.slug)}>
              {each.name} <small>{each.slug}</small>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" onClick={onSignOut}>
        {texts.signOut}
      </button>
    </main>
  );
}
