// How does the board hear that something has changed? By a subscription; while there is none, by asking each minute.
import { createClient } from "graphql-ws";
import { requestOf } from "./asking.js";

const SHORTEST = 1_000;
const LONGEST = 30_000;
// Changes come in bursts: one refresh for all within a second, and one every five seconds at least.
const QUIET = 1_000;
const MOST_QUIET = 5_000;
export const POLL = 60_000;
const REFUSED = new Set([4401, 4403]);
// Also without a change: cases fall due by the clock.
const POLL_LIVE = 300_000;

const pause = (attempt) => Math.min(LONGEST, SHORTEST * 2 ** attempt) * (0.75 + Math.random() / 2);
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Calls back once things are quiet again, or have not been for too long.
export function debounced(callBack) {
  let timer = null;
  let since = null;
  const fire = () => {
    timer = since = null;
    callBack();
  };
  const call = () => {
    since ??= Date.now();
    clearTimeout(timer);
    timer = setTimeout(fire, Math.max(0, Math.min(QUIET, since + MOST_QUIET - Date.now())));
  };
  call.stop = () => clearTimeout(timer);
  return call;
}

// Listens until the function it gives is called. `onState` is told whether changes are heard of.
export function listen({ token, tenant }, { onChange, onState }) {
  let isStopped = false;
  let attempt = 0;
  let hasConnected = false;
  const client = createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    connectionParams: { authorization: `Bearer ${token}`, tenant },
    // Each attempt is begun below, whatever ended the one before.
    retryAttempts: 0,
    on: {
      connected: () => {
        attempt = 0;
        onState(true);
        // What happened while nobody listened.
        if (hasConnected) onChange();
        hasConnected = true;
      },
      closed: () => onState(false),
    },
  });
  const once = () =>
    new Promise((resolve) => {
      const error = (fault) => {
        // Refused, not cut off: the next question tells why, and whether somebody has to sign in anew.
        if (Array.isArray(fault) || REFUSED.has(fault?.code)) onChange();
        resolve();
      };
      client.subscribe(requestOf("Changes"), { next: onChange, error, complete: resolve });
    });
  (async () => {
    while (!isStopped) {
      await once();
      if (isStopped) break;
      onState(false);
      await wait(pause(attempt++));
    }
  })();
  return () => {
    isStopped = true;
    client.dispose();
  };
}

// Asks from time to time, and whenever the page is looked at again.
export function poll(isLive, refresh) {
  const look = () => document.visibilityState === "visible" && refresh();
  const timer = setInterval(look, isLive ? POLL_LIVE : POLL);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
