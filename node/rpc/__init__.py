"""The public interface: JSON-RPC 2.0, subscriptions, health and an explorer page.

    web/            HTTP and WebSocket on one port: bytes, deadlines, limits, who may ask
    dispatch        bytes of a request -> bytes of its answer
    method          how a method is declared; methods/ are all of them
    forms           records as JSON, by the names and annotations of their fields
    subscriptions   who is told what became final, and from which number on
    errors, reasons, hints, refusals    why there is no result, and what to do
    openrpc, reference                  the same declarations as a document and as a page

Read `method`, then `methods/chain`, then `dispatch`, then `web/connection`.  Nothing here
decides anything about the chain: it reads views, hands bytes to `admission`, and tells.
"""
