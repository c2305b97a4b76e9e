import http from 'node:http'

/** Somebody with a browser of one connection to each process, who knows as whom every answer has to be. */
export function createPerson (id, urls) {
  const agents = urls.map(() => new http.Agent({ keepAlive: true, maxSockets: 1 }))
  const jar = new Map()
  let turn = id

  /** Sends to one process after the other. */
  async function send (method, path) {
    const which = turn++ % urls.length
    const { status, headers, body } = await exchange(new URL(path, urls[which]), method, agents[which], {
      accept: 'application/json', cookie: [...jar].map(pair => pair.join('=')).join('; ')
    })
    for (const line of headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return { status, body: body === '' ? null : JSON.parse(body) }
  }

  return { id, send, close: () => { for (const agent of agents) agent.destroy() } }
}

async function exchange (url, method, agent, headers) {
  return await new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent, headers }, response => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', chunk => { body += chunk })
      response.on('end', () => { resolve({ status: response.statusCode, headers: response.headers, body }) })
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end()
  })
}
