// Meets a node as a stranger over TCP, Noise and Yamux: it is identified and answered a ping, and
// is refused every protocol that wants an accepted hello. Prints what it saw as one line of JSON.
//
//   node stranger.mjs /ip4/127.0.0.1/tcp/PORT/p2p/PEER_ID PROTOCOL...

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

// The libraries use what Node has had since version 22 only.
Promise.withResolvers ??= () => {
  const deferred = {}
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }))
  return deferred
}

const [address, ...protocols] = process.argv.slice(2)

const stranger = await createLibp2p({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), ping: ping() }
})

const connection = await stranger.dial(multiaddr(address))
const pingMs = await stranger.services.ping.ping(connection.remotePeer)
const identity = await stranger.services.identify.identify(connection)

const refused = {}
for (const protocol of protocols) {
  try {
    await connection.newStream(protocol)
    refused[protocol] = null
  } catch (refusal) {
    refused[protocol] = refusal.name
  }
}

console.log(JSON.stringify({
  node: process.version,
  encryption: connection.encryption,
  multiplexer: connection.multiplexer,
  pingMs,
  peer: identity.peerId.toString(),
  protocols: identity.protocols,
  refused
}))
await stranger.stop()
process.exit(0)
