/** A browser as plain as curl: a cookie jar, forms, no redirects followed. */
export function visitor (origin: string, standing: Record<string, string> = {}) {
  const jar = new Map<string, string>()

  async function send (path: string, { headers = {}, ...init }: { method?: string, body?: string | URLSearchParams, headers?: Record<string, string> } = {}) {
    const response = await fetch(origin + path, {
      redirect: 'manual', ...init, headers: { accept: 'text/html', cookie: [...jar].map(pair => pair.join('=')).join('; '), ...standing, ...headers }
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return { status: response.status, location: response.headers.get('location'), headers: response.headers, text: await response.text() }
  }

  return {
    jar,
    send,
    get: async (path: string, headers: Record<string, string> = {}) => await send(path, { headers }),
    getJson: async (path: string) => JSON.parse((await send(path, { headers: { accept: 'application/json' } })).text),
    post: async (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
      await send(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  }
}
