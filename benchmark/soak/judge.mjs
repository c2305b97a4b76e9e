/** How much the heap after a collection may differ between the middle and the end. */
const HEAP = 1.1
const HANDLES = 1.05

/** What a soak showed, and what of it is wrong. */
export function judge ({ requests, starts, stops, revoked, wrong, rows, heap, handles }) {
  const share = ratios => ratios.map(ratio => ratio.toFixed(2)).join(' and ')
  return {
    lines: [
      `${requests} answers, each checked: ${wrong.length} wrong`,
      `${starts} starts, ${stops} stops, ${revoked} ended by somebody else; rows: ${JSON.stringify(rows)}`,
      `at the end to the middle: heap after collection ${share(heap)}, open handles ${share(handles)}`
    ],
    faults: [
      ...wrong,
      ...(starts === 0 || revoked === 0 ? ['nothing was started, or nothing ended by others'] : []),
      ...heap.filter(ratio => ratio > HEAP).map(ratio => `the heap grew to ${ratio.toFixed(2)} ×`),
      ...handles.filter(ratio => ratio > HANDLES).map(ratio => `the open handles grew to ${ratio.toFixed(2)} ×`)
    ]
  }
}
