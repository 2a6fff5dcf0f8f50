// Send a transfer with nothing but what every Node.js has: msgpack by hand, node:crypto, fetch.
//
// Usage: external_transfer.mjs URL SEED_HEX TO_HEX AMOUNT_QUANTUMS

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

const LANE = 7; // a lane that nobody else uses begins at sequence 0
const LEDGER_TRANSFER = 2 * 100 + 1;

function integer(number) {
  let value = BigInt(number);
  if (value < 0x80n) return Buffer.from([Number(value)]);
  for (const [head, size] of [[0xcc, 1], [0xcd, 2], [0xce, 4], [0xcf, 8]]) {
    if (value < 1n << BigInt(8 * size)) {
      const data = Buffer.alloc(size + 1);
      data[0] = head;
      for (let place = size; place > 0; place--, value >>= 8n) data[place] = Number(value & 0xffn);
      return data;
    }
  }
  throw new RangeError(String(number));
}

const binary = (data) => Buffer.concat([Buffer.from([0xc4, data.length]), data]);
const text = (characters) => {
  const data = Buffer.from(characters, "utf8");
  return Buffer.concat([Buffer.from([0xa0 | data.length]), data]);
};
const array = (...items) => Buffer.concat([Buffer.from([0x90 | items.length]), ...items]);

async function call(url, method, params) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = await response.json();
  if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.result;
}

const [url, seed, to, amountQuantums] = process.argv.slice(2);
const prefix = Buffer.from("302e020100300506032b657004220420", "hex"); // PKCS #8 of ed25519
const key = createPrivateKey({
  key: Buffer.concat([prefix, Buffer.from(seed, "hex")]),
  format: "der",
  type: "pkcs8",
});
const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
const status = await call(url, "chain_getStatus", {});
const chainId = Buffer.from(status.chain_id.slice(2), "hex");
const payload = array(binary(Buffer.from(to, "hex")), text("USD"), integer(amountQuantums));
const body = array(
  integer(1),
  binary(publicKey),
  integer(LANE),
  integer(0),
  integer(Number(status.height) + 100),
  integer(LEDGER_TRANSFER),
  payload,
);
const signBytes = Buffer.concat([Buffer.from("NOVATION/tx/1"), chainId, body]);
const signature = sign(null, signBytes, key);
const transaction = array(body, array(array(binary(publicKey), binary(signature))));
const receipt = await call(url, "tx_submitAndWait", {
  tx: transaction.toString("base64"),
  timeout_ms: 30000,
});
const ownId = "0x" + createHash("sha256").update(signBytes).digest("hex");
if (receipt.id !== ownId) throw new Error(`the node says id ${receipt.id}, it is ${ownId}`);
console.log(receipt.ok ? "applied" : `refused: ${receipt.reason}`);
