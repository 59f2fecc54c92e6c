// The board: who looks, at what, and what is known of it. Everything on it comes from /graphql.
import "./board.css";
import "./figures.css";
import "./ranking.css";
// What holds for some screens and for paper comes last.
import "./screens.css";
import "./print.css";
import { render } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { askView, endsSession, isPassing } from "./asking.js";
import { Bar } from "./controls.jsx";
import { debounced, listen, poll } from "./live.js";
import { addressOf, readPlace, rooted, viewOf } from "./place.js";
import { ChooseTenant, SignIn, keepSession, keptSession, openSession } from "./signing.jsx";
import { keepLanguage, textsOf, usualLanguage } from "./texts.js";
import { View } from "./view.jsx";

function usePlace() {
  const [place, setPlace] = useState(readPlace);
  useEffect(() => {
    const look = () => setPlace(readPlace());
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  const go = useCallback((changed) => {
    location.hash = addressOf({ ...readPlace(), ...changed });
  }, []);
  return [place, go];
}

// The answer to what is looked at. The one before stays until the next is there.
function useAnswer(session, place, onFault) {
  const [answer, setAnswer] = useState(null);
  const [isLoading, setLoading] = useState(false);
  const [turn, setTurn] = useState(0);
  // An answer that is on its way is waited for: changes that come faster than answers would put off each of them.
  const asking = useRef({ isBusy: false, isAskedAgain: false });
  const refresh = useCallback(() => {
    if (asking.current.isBusy) asking.current.isAskedAgain = true;
    else setTurn((number) => number + 1);
  }, []);
  // What the day makes of the period counts as well: at midnight the month may be another.
  const view = viewOf(place);
  const key = JSON.stringify([session.tenant, view.operation, view.variables]);
  useEffect(() => {
    const abort = new AbortController();
    asking.current = { isBusy: true, isAskedAgain: false };
    setLoading(true);
    const settle = (fault) => {
      const { isAskedAgain } = asking.current;
      asking.current = { isBusy: false, isAskedAgain: false };
      setLoading(false);
      onFault(fault);
      if (isAskedAgain && fault === null) refresh();
    };
    askView(session, view, abort.signal).then(
      (found) => {
        if (abort.signal.aborted) return;
        setAnswer({ ...found, place, view, key });
        settle(null);
      },
      (fault) => abort.signal.aborted || settle(fault),
    );
    return () => abort.abort();
  }, [key, turn, session]);
  return { answer, isLoading, refresh };
}

function useLive(session, refresh) {
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    const soon = debounced(refresh);
    const stop = listen(session, { onChange: soon, onState: setLive });
    return () => {
      soon.stop();
      stop();
    };
  }, [session.token, session.tenant]);
  useEffect(() => poll(isLive, refresh), [isLive]);
  return isLive;
}

function Status({ isLive, texts }) {
  return (
    <span class={`status ${isLive ? "live" : "polling"}`} role="status">
      {isLive ? texts.live : texts.polling}
    </span>
  );
}

function Board({ session, language, onSession, bar }) {
  const texts = textsOf(language);
  const [asked, go] = usePlace();
  const [fault, setFault] = useState(null);
  const place = rooted(asked, session.root);
  const onFault = useCallback(
    (told) => (told && endsSession(told) ? onSession(null, texts.sessionEnded) : setFault(told)),
    [texts],
  );
  const { answer, isLoading, refresh } = useAnswer(session, place, onFault);
  const isLive = useLive(session, refresh);
  // Order is the page's own affair: no answer has to be waited for.
  const shown = answer && { ...answer.place, by: place.by, order: place.order };
  return (
    <>
      <Bar {...bar} session={session} texts={texts} status={<Status isLive={isLive} texts={texts} />} />
      {fault && (
        <p class="fault banner" role="alert">
          {isPassing(fault) ? texts.offline : `${texts.wrong}: ${fault.message}`}{" "}
          <button type="button" onClick={refresh}>
            {texts.retry}
          </button>
        </p>
      )}
      {answer ? (
        <View {...{ answer, isLoading, go, texts, language }} place={shown} root={session.root} view={answer.view} />
      ) : (
        !fault && <p class="narrow note">{texts.loading}</p>
      )}
    </>
  );
}

function useSession(language) {
  const [session, setSession] = useState(null);
  const [fault, setFault] = useState(null);
  const [isOpening, setOpening] = useState(Boolean(keptSession().token));
  const open = useCallback(
    async (given) => {
      setOpening(true);
      setFault(null);
      try {
        const opened = await openSession({ ...given, language });
        keepSession(opened);
        setSession(opened);
      } catch (told) {
        if (endsSession(told)) keepSession({});
        // A screen that was reloaded while the gateway starts anew comes back by itself.
        if (isPassing(told)) {
          setFault(textsOf(language).offline);
          setTimeout(() => open(given), 5_000);
          return;
        }
        setFault(told.message);
      }
      setOpening(false);
    },
    [language],
  );
  const end = useCallback((_, reason = null) => {
    keepSession({});
    setSession(null);
    setFault(reason);
  }, []);
  useEffect(() => {
    if (keptSession().token) open(keptSession());
  }, []);
  return { session, fault, isOpening, open, end };
}

function App() {
  const [language, setLanguage] = useState(usualLanguage);
  const { session, fault, isOpening, open, end } = useSession(language);
  const texts = textsOf(language);
  useEffect(() => keepLanguage(language), [language]);
  const spoken = useMemo(() => session && { ...session, language }, [session, language]);
  const leave = () => {
    location.hash = "";
    end(null);
  };
  const onTenant = (tenant) => {
    location.hash = "";
    open({ token: session.token, tenant });
  };
  const bar = { onTenant, onSignOut: leave, onLanguage: () => setLanguage(language === "zh" ? "en" : "zh") };
  if (session?.root)
    return <Board key={session.tenant} session={spoken} language={language} onSession={end} bar={bar} />;
  const shared = { texts };
  return (
    <>
      <Bar {...bar} session={session} texts={texts} />
      {session && <ChooseTenant session={session} onTenant={onTenant} onSignOut={leave} {...shared} />}
      {!session && isOpening && <p class="narrow note">{fault ?? texts.loading}</p>}
      {!session && !isOpening && <SignIn onToken={(token) => open({ token })} fault={fault} {...shared} />}
    </>
  );
}

const root = document.getElementById("board");
root.replaceChildren();
render(<App />, root);
