import { startProcess } from '../measure.mjs'

export const title = 'Nobody impersonating: the hooks alone'

/** A process whose young generation is so large that nothing is collected within a measurement. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']

export async function run () {
  const probe = await startProcess(process.execPath, 'servers/hook.mjs', [], { flags: FLAGS })
  const { onRequest, onSend, sessionWrites, queries } = probe.ready
  await probe.end()
  return {
    results: [
      { what: 'The hook onRequest', measured: `${onRequest.ns} ns, ${onRequest.bytes} bytes a request`, goal: 'under 100 ns, 0 bytes' },
      { what: 'The hook onSend', measured: `${onSend.ns} ns, ${onSend.bytes} bytes a request`, goal: 'under 100 ns, 0 bytes' },
      { what: 'Session writes and queries in 1,000 requests', measured: `${sessionWrites} and ${queries}`, goal: '0 and 0' }
    ],
    notes: [
      'the very hooks that the plugin adds, called again and again from a handler with its own request and a sync `getRealUser`; the median of 15 runs',
      `node ${FLAGS.join(' ')}`
    ]
  }
}
