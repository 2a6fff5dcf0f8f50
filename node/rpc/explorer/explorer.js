"use strict";

// The page of a node: its final head, blocks and transactions, live over its own WebSocket.
// Whatever a node answers is shown as text, never as markup.

const ROWS_MAX = 30;
const RETRY_MS = 2000;
const STANDING_EVERY_MS = 1000;

const at = (id) => document.getElementById(id);
const proposed = new Map();
let nextId = 1;

async function call(method, params = {}) {
  const response = await fetch("/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: nextId++, method, params }),
  });
  const answer = await response.json();
  if (answer.error) {
    const { message, data } = answer.error;
    throw new Error(`${message} [${data.reason}]${data.hint ? "\n" + data.hint : ""}`);
  }
  return answer.result;
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function link(text, shown) {
  const made = element("button", text, "link");
  made.type = "button";
  made.addEventListener("click", shown);
  return made;
}

const short = (id) => id.slice(0, 10) + "\u2026" + id.slice(-4);
const clock = (ms) => new Date(ms).toISOString().slice(11, 23);

function addRow(table, cells) {
  const row = document.createElement("tr");
  for (const cell of cells) {
    const column = document.createElement("td");
    column.append(cell);
    row.append(column);
  }
  table.prepend(row);
  while (table.rows.length > ROWS_MAX) table.deleteRow(-1);
}

function showHead(facts) {
  const list = at("head");
  list.replaceChildren();
  for (const [name, value] of Object.entries(facts)) {
    list.append(element("dt", name), element("dd", String(value)));
  }
}

function showBlock(block) {
  showHead({
    height: block.height,
    time: new Date(block.time_ms).toISOString(),
    proposer: block.proposer_name,
    "block id": block.block_id,
    "state root": block.state_root,
    epoch: block.epoch,
    view: block.view,
  });
  const open = () => show("chain_getBlock", { height: block.height });
  addRow(at("blocks"), [
    link(block.height, open),
    clock(block.time_ms),
    block.proposer_name,
    String(block.tx_count),
    short(block.block_id),
  ]);
  proposed.set(block.proposer_name, block.height);
  for (const one of block.transactions) {
    for (const none of at("transactions").querySelectorAll(".none")) none.remove();
    addRow(at("transactions"), [
      block.height,
      one.kind,
      element("span", one.ok ? "applied" : one.reason, one.ok ? "" : "refused"),
      link(short(one.id), () => show("tx_explain", { id: one.id })),
    ]);
  }
}

function showAuthorities(status, stall) {
  at("why").textContent = stall.why;
  at("authorities").replaceChildren();
  for (const name of [...status.authorities].sort().reverse()) {
    const isSilent = stall.silent.includes(name);
    addRow(at("authorities"), [
      name === status.name ? `${name} (this node)` : name,
      element("span", isSilent ? "silent" : "here", isSilent ? "gone" : "live"),
      name === stall.leader ? "leads now" : "",
      proposed.get(name) ?? "",
    ]);
  }
}

async function followStanding() {
  try {
    showAuthorities(await call("chain_getStatus"), await call("node_explainStall"));
  } catch {
    at("why").textContent = "";
  }
  setTimeout(followStanding, STANDING_EVERY_MS);
}

async function show(method, params) {
  let text;
  try {
    text = JSON.stringify(await call(method, params), null, 2);
  } catch (failure) {
    text = failure.message;
  }
  at("detail").textContent = text;
  at("detail-section").hidden = false;
  at("detail-section").scrollIntoView({ behavior: "smooth" });
}

async function find(text) {
  if (/^[0-9]+$/.test(text)) return show("chain_getBlock", { height: text });
  if (text.startsWith("nov1")) return show("ledger_getBalances", { holder: text });
  try {
    await call("chain_getBlock", { block_id: text });
  } catch {
    return show("tx_explain", { id: text });
  }
  return show("chain_getBlock", { block_id: text });
}

function setState(name, text) {
  at("state").className = name;
  at("state").textContent = text;
}

function follow(fromHeight) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/ws`);
  let next = fromHeight;
  socket.addEventListener("open", () => {
    const params = { topic: "blocks", from_seq: String(next) };
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 0, method: "subscribe", params }));
    setState("live", "live");
  });
  socket.addEventListener("message", (event) => {
    const { method, params } = JSON.parse(event.data);
    if (method !== "subscription" || params.type === "heartbeat") return;
    showBlock(params.data);
    next = Number(params.seq) + 1;
  });
  socket.addEventListener("close", (event) => {
    const why = { 4008: "this page was too slow", 4503: "the node has ended" }[event.code];
    setState("gone", `${why ?? "the node is not reachable"}; trying again`);
    setTimeout(() => follow(next), RETRY_MS);
  });
}

async function begin() {
  try {
    const status = await call("chain_getStatus");
    at("chain").textContent = `${status.chain_name} \u00b7 ${status.name} \u00b7 ${status.kind}`;
    follow(Math.max(0, Number(status.height) - 10));
    followStanding();
  } catch {
    setState("gone", "the node is not reachable; trying again");
    setTimeout(begin, RETRY_MS);
  }
}

at("find").addEventListener("submit", (event) => {
  event.preventDefault();
  find(at("what").value.trim());
});
begin();
