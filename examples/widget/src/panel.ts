import { type List, messageList } from "./list";
import css from "./panel.css";

/** What the visitor does. */
export interface Visitor {
  opened(): void;
  said(text: string): void;
  ended(): void;
  consented(consent: boolean): void;
}

/** What the visitor sees: the launcher in the corner and, behind it, the panel. */
export interface Panel {
  readonly root: ShadowRoot;
  readonly list: List;
  /** How the connection is; undefined before there is one. */
  connected(is: boolean | undefined): void;
  /** Something new came; it is counted at the launcher while the panel is closed. */
  announce(text: string): void;
}

const HTML = `
  <section role="dialog" aria-label="Chat with Fjellbu" hidden>
    <header><h2>Ask Fjellbu</h2><p class="state" role="status"></p>
      <button type="button" class="end" title="Remove this conversation">End</button>
      <button type="button" class="close" aria-label="Close the chat">×</button></header>
    <p class="consent" hidden><span>May we measure how well this chat works for you?</span>
      <button type="button" value="yes">Yes</button> <button type="button" value="no">No</button></p>
    <p class="greeting">Hello! Ask us about tents, delivery, returns or prices.</p>
    <form><label for="text">Your message</label>
      <input id="text" autocomplete="off" maxlength="500" placeholder="Write to us…"><button>Send</button></form>
  </section>
  <button type="button" class="launcher" aria-expanded="false" aria-haspopup="dialog">
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 4h16v12H9l-5 4z"/></svg>
    <span>Open the chat</span><b class="unread" hidden></b></button>
  <p class="announced" aria-live="polite"></p>`;

/** Put the widget on the page. Nothing inside the shadow root touches the page's styles, nor they it. */
export function showPanel(visitor: Visitor, asksConsent: boolean): Panel {
  const host = document.createElement("fjellbu-chat");
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = HTML;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  const find = <E extends HTMLElement>(selector: string): E => root.querySelector<E>(selector)!;
  const panel = find("section");
  const launcher = find<HTMLButtonElement>(".launcher");
  const input = find<HTMLInputElement>("input");
  const unread = find(".unread");
  const list = messageList();
  list.element.tabIndex = 0;
  list.element.setAttribute("aria-label", "Messages");
  find("form").before(list.element);
  let waiting = 0;

  const label = (): void => {
    const open = !panel.hidden;
    const words = open ? "Close the chat" : waiting ? `Open the chat, ${waiting} unread` : "Open the chat";
    find(".launcher span").textContent = words;
    launcher.setAttribute("aria-expanded", `${open}`);
    unread.textContent = `${waiting}`;
    unread.hidden = !waiting;
  };
  const turn = (open: boolean): void => {
    panel.hidden = !open;
    if (open) {
      waiting = 0;
      visitor.opened();
      list.element.scrollTop = list.element.scrollHeight;
    }
    (open ? input : launcher).focus();
    label();
  };

  launcher.onclick = () => turn(!!panel.hidden);
  find(".close").onclick = () => turn(false);
  panel.onkeydown = ({ key }) => {
    if (key === "Escape") turn(false);
  };
  find(".end").onclick = () => visitor.ended();
  find("form").onsubmit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    input.value = "";
    if (text) visitor.said(text);
  };
  const consent = find(".consent");
  consent.hidden = !asksConsent;
  consent.onclick = ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    consent.hidden = true;
    visitor.consented(target.value === "yes");
  };
  document.body.append(host);

  return {
    root,
    list,
    connected(is) {
      find(".state").textContent = is === undefined ? "" : is ? "Online" : "Connecting…";
      find(".state").dataset.is = is ? "online" : "away";
    },
    announce(text) {
      find(".announced").textContent = text;
      if (panel.hidden) waiting++;
      label();
    },
  };
}
