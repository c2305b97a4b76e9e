/**
 * The laws of SECURITY.md, each broken in the code in the ways that somebody might: `from`, which stands in `file` once, becomes
 * `to`, and a test of `test` has to go red. `npm run check:laws` runs them.
 */
export const breaks = [
  {
    law: 1,
    breaks: 'a start does not wait for its row',
    file: 'lib/impersonation/start.ts',
    from: 'await state.open(row, people)',
    to: 'state.open(row, people).catch(() => {})',
    test: 'state/faults'
  },
  {
    law: 1,
    breaks: 'a begin hook that throws leaves its row open',
    file: 'lib/impersonation/start.ts',
    from: "await state.closeSurely(row, { reason: 'aborted', at: new Date(settings.now()) }, people)\n",
    to: '\n',
    test: 'state/hooks'
  },
  {
    law: 1,
    breaks: 'what is written on a connection that found the file locked is answered and not committed',
    file: 'lib/log/database/fresh-connections.ts',
    from: 'Object(client).reconnect()',
    to: '{}',
    test: 'log/busy'
  },
  {
    law: 2,
    breaks: 'a start closes a row whose end waits to be written as replaced',
    file: 'lib/state/log-state.ts',
    from: '?? ended ??',
    to: '??',
    test: 'log/busy'
  },
  {
    law: 2,
    breaks: 'a start goes on whose browser went during the hooks',
    file: 'lib/impersonation/start.ts',
    from: 'if (isGone(request, reply)) throw gone()',
    to: '',
    test: 'impersonation/browser-gone'
  },
  {
    law: 2,
    breaks: 'a start goes on whose browser went before the answer was on its way',
    file: 'lib/impersonation/start.ts',
    from: 'whenGone(request, reply, abort)',
    to: '',
    test: 'impersonation/browser-gone'
  },
  {
    law: 2,
    breaks: 'an ended row is taken for an open one',
    file: 'lib/impersonation/recognise.ts',
    from: "if (row.sessionEndedAt !== null) return { is: 'over', over: { row, reason: row.endReason } }",
    to: '',
    test: 'impersonation/every-ending'
  },
  {
    law: 2,
    breaks: 'an end is recorded as of its discovery',
    file: 'lib/log/deadlines.ts',
    from: 'now ? first : null',
    to: 'now ? { ...first, at: new Date(now) } : null',
    test: 'impersonation/every-ending'
  },
  {
    law: 2,
    breaks: 'an end is before its start',
    file: 'lib/log/store.ts',
    from: 'at < sessionStartedAt ? sessionStartedAt : at',
    to: 'at',
    test: 'state/faults'
  },
  {
    law: 2,
    breaks: 'what somebody else has ended ends again',
    file: 'lib/log/prisma/writer.ts',
    from: '{ where: { ...where, sessionEndedAt: null }, data: ended }',
    to: '{ where, data: ended }',
    test: 'impersonation/races'
  },
  {
    law: 2,
    breaks: 'the end hook runs also for who was second',
    file: 'lib/state/closings.ts',
    from: 'if (isOurs) await reports.report',
    to: 'await reports.report',
    test: 'impersonation/races'
  },
  {
    law: 2,
    breaks: 'the sweep does not see who is not seen any more',
    file: 'lib/log/prisma/log.ts',
    from: '{ lastSeenAt: { lte: overdue.unseenSince } },',
    to: '',
    test: 'log/sweep'
  },
  {
    law: 2,
    breaks: 'a row that nobody has used goes on',
    file: 'lib/log/deadlines.ts',
    from: 'isUnused(row) && unused.due < first.due ? unused : first',
    to: 'first',
    test: 'impersonation/idle'
  },
  {
    law: 2,
    breaks: 'the sweep does not see what nobody has used',
    file: 'lib/log/prisma/log.ts',
    from: "{ sessionStartedAt: { lte: overdue.unusedSince }, lastSeenAt: { equals: field(log.fields, 'sessionStartedAt') } }",
    to: '',
    test: 'impersonation/idle'
  },
  {
    law: 2,
    breaks: 'a request runs before its first use is noted',
    file: 'lib/state/sightings.ts',
    from: 'await writing.get(row.id)',
    to: '',
    test: 'impersonation/idle'
  },
  {
    law: 2,
    breaks: 'an end whose hook was killed is never reported',
    file: 'lib/state/log-state.ts',
    from: '.finally(reports.reportMissed)',
    to: '',
    test: 'state/reports'
  },
  {
    law: 2,
    breaks: 'an end counts as reported before its hooks have run',
    file: 'lib/state/reports.ts',
    from: 'if (!hooks.areHeard()) return',
    to: 'return',
    test: 'state/reports'
  },
  {
    law: 2,
    breaks: 'two processes report what a third has left',
    file: 'lib/log/prisma/writer.ts',
    from: '{ id, ...isClosed, reportedAt }',
    to: '{ id, ...isClosed }',
    test: 'state/reports'
  },
  {
    law: 2,
    breaks: 'a second look at why it is over does not count',
    file: 'lib/impersonation/recognise.ts',
    from: 'over: { row: now, reason: now.endReason }',
    to: 'over: { row, reason }',
    test: 'impersonation/endings'
  },
  {
    law: 2,
    breaks: 'a sign-out within the request is not noticed',
    file: 'lib/request/finish.ts',
    from: 'row === null || log === null ? null : endOfSignIn(settings, request, row)',
    to: 'null',
    test: 'impersonation/endings'
  },
  {
    law: 3,
    breaks: 'an inactive target goes on',
    file: 'lib/impersonation/recognise.ts',
    from: "if (!settings.isActive(target)) return over('target_inactive', target)",
    to: '',
    test: 'impersonation/every-ending'
  },
  {
    law: 3,
    breaks: 'who may not impersonate any more goes on',
    file: 'lib/impersonation/recognise.ts',
    from: "return over('impersonator_denied')",
    to: 'void 0',
    test: 'impersonation/every-ending'
  },
  {
    law: 3,
    breaks: 'a target that left the scope goes on',
    file: 'lib/impersonation/recognise.ts',
    from: 'if (inScope === null || refusalOf',
    to: 'if (refusalOf',
    test: 'impersonation/every-ending'
  },
  {
    law: 3,
    breaks: 'a scope that means nobody is put where Prisma leaves it out',
    file: 'lib/users/prisma/table.ts',
    from: "return { ...Object(scope), AND: [field(scope, 'AND') ?? [], conditions].flat() }",
    to: 'return { AND: [...conditions, Object(scope)] }',
    test: 'users/scope'
  },
  {
    law: 3,
    breaks: 'a condition that is undefined is left out of a scope',
    file: 'lib/users/scope.ts',
    from: 'if (value === undefined) return gap()',
    to: 'if (value === undefined) return null',
    test: 'users/scope'
  },
  {
    law: 3,
    breaks: 'a Map is taken for a scope of no conditions',
    file: 'lib/users/scope.ts',
    from: 'return isWhere && !isValue(value) ? gap() : null',
    to: 'return null',
    test: 'users/scope'
  },
  {
    law: 3,
    breaks: 'a scope of nothing is a scope of everyone',
    file: 'lib/policy/policy.ts',
    from: 'if (wrong === null) return scope',
    to: 'if (wrong === null || !scope) return scope || undefined',
    test: 'users/scope'
  },
  {
    law: 3,
    breaks: 'where the log is down, the request runs as the real user',
    file: 'lib/request/hooks.ts',
    from: "real === undefined ? 'nothing' : await finding",
    to: "real === undefined ? 'nothing' : await finding.catch(() => 'nothing')",
    test: 'state/faults'
  },
  {
    law: 3,
    breaks: 'where the users are down, the target is taken to be there',
    file: 'lib/impersonation/recognise.ts',
    from: 'await sought\n',
    to: 'await sought?.catch(() => ({ id: row.impersonatingId, isSuperuser: false }))\n',
    test: 'state/faults'
  },
  {
    law: 4,
    breaks: 'a request that finds it over runs as the real user',
    file: 'lib/request/hooks.ts',
    from: 'return await answerEnded(context, request, reply, found.over)',
    to: 'return false',
    test: 'impersonation/every-ending'
  },
  {
    law: 4,
    breaks: 'a start whose cookie is dropped goes on as the impersonator',
    file: 'lib/impersonation/start.ts',
    from: 'refuseWhereDropped(core, request)\n',
    to: '\n',
    test: 'state/dropped'
  },
  {
    law: 4,
    breaks: 'the cookie lapses by itself',
    file: 'lib/state/cookie.ts',
    from: 'key, attributesFor(request))',
    to: 'key, { ...attributesFor(request), maxAge: 60 })',
    test: 'impersonation/endings'
  },
  {
    law: 4,
    breaks: 'the header of a stale page is not compared',
    file: 'lib/request/hooks.ts',
    from: 'if (isStaleByHeader(request)) throw',
    to: 'if (false) throw',
    test: 'request/stale'
  },
  {
    law: 4,
    breaks: 'the field of a stale page is not compared',
    file: 'lib/request/stale.ts',
    from: 'const isStale = isStaleField(',
    to: 'const isStale = false && isStaleField(',
    test: 'request/stale'
  },
  {
    law: 4,
    breaks: 'the field of a stale form that is read as a stream is not compared',
    file: 'lib/api.ts',
    from: 'isStaleField(request, value) && !isExcluded(request)',
    to: 'false',
    test: 'request/stale'
  },
  {
    law: 5,
    breaks: 'a stop fails with the log',
    file: 'lib/impersonation/stop.ts',
    from: "return 'unreadable'",
    to: "throw new Error('down')",
    test: 'state/faults'
  },
  {
    law: 5,
    breaks: 'a stop fails with the users',
    file: 'lib/impersonation/stop.ts',
    from: "return { reason: 'stopped' as const, at: new Date(core.settings.now()), by: null }",
    to: 'throw err',
    test: 'impersonation/stop'
  },
  {
    law: 5,
    breaks: 'a row that could not be closed is not tried again',
    file: 'lib/state/closings.ts',
    from: 'timer = setTimeout(retry, pause).unref()',
    to: '',
    test: 'state/faults'
  },
  {
    law: 5,
    breaks: 'a stopped key whose row is not closed yet goes on',
    file: 'lib/state/log-state.ts',
    from: 'return pending === undefined ? row :',
    to: 'return true ? row :',
    test: 'state/faults'
  },
  {
    law: 5,
    breaks: "a field of the application's on requests is taken for a claim",
    file: 'lib/state/log-state.ts',
    from: "if (typeof claim === 'string' ||",
    to: "if (typeof claim === 'string' || 'sessionKey' in request ||",
    test: 'state/faults'
  },
  {
    law: 6,
    breaks: "what the application keeps in its session is taken for the sign-in's id",
    file: 'lib/http/web-session.ts',
    from: 'session === undefined || isInCookie(session) ? null',
    to: 'session === undefined ? null',
    test: 'impersonation/endings'
  },
  {
    law: 4,
    breaks: 'a frame or fetch takes the notice away',
    file: 'lib/http/origin.ts',
    from: "return dest === 'document'",
    to: 'return true',
    test: 'impersonation/endings'
  },
  {
    law: 4,
    breaks: 'over plain http any answer takes the notice away',
    file: 'lib/http/origin.ts',
    from: 'return headers.upgrade === undefined && ',
    to: 'return true || ',
    test: 'impersonation/endings'
  },
  {
    law: 4,
    breaks: 'the cookie is forgotten before anybody is told',
    file: 'lib/request/ended.ts',
    from: 'catch (err) {\n',
    to: 'catch (err) {\n    throw err\n',
    test: 'routes/templates'
  },
  {
    law: 5,
    breaks: 'a server under pressure sheds a stop',
    file: 'lib/routes/impersonation/stop.ts',
    from: ', pressureHandler: () => {}',
    to: '',
    test: 'impersonation/stop-under-load'
  },
  {
    law: 5,
    breaks: 'a limit of requests counts stops',
    file: 'lib/routes/impersonation/stop.ts',
    from: 'rateLimit: false, ',
    to: '',
    test: 'impersonation/stop-under-load'
  },
  {
    law: 6,
    breaks: 'of two cookies of the name the first counts',
    file: 'lib/state/cookie.ts',
    from: 'values.length === 1 && ',
    to: '',
    test: 'impersonation/endings'
  },
  {
    law: 6,
    breaks: "a key is good with anybody's sign-in",
    file: 'lib/state/keys.ts',
    from: 'return row.openKey === openKeyOf(personId, null) ||',
    to: 'return true ||',
    test: 'impersonation/endings'
  },
  {
    law: 6,
    breaks: "a key is good with the person's other sign-ins",
    file: 'lib/state/keys.ts',
    from: '(signInId !== null && row.openKey === openKeyOf(personId, signInId))',
    to: 'true',
    test: 'impersonation/endings'
  },
  {
    law: 6,
    breaks: 'the log keeps the key itself',
    file: 'lib/state/keys.ts',
    from: "return createHash('sha256').update(key).digest('base64url')",
    to: 'return key',
    test: 'impersonation/start'
  },
  {
    law: 6,
    breaks: "over https the cookie's name is as anywhere",
    file: 'lib/state/cookie.ts',
    from: "= path === '/' ?",
    to: '= false ?',
    test: 'impersonation/endings'
  },
  {
    law: 6,
    breaks: 'a cookie that subdomains share has a name that anybody may set',
    file: 'lib/state/cookie.ts',
    from: ': `__Secure-',
    to: ': `',
    test: 'state/dropped'
  },
  {
    law: 6,
    breaks: 'two audiences share a log',
    file: 'lib/state/registrations.ts',
    from: 'if (log === mine.log) throw',
    to: 'if (false) throw',
    test: 'state/registrations'
  },
  {
    law: 6,
    breaks: 'two audiences share a cookie',
    file: 'lib/state/registrations.ts',
    from: 'if (cookie === mine.cookie) throw',
    to: 'if (false) throw',
    test: 'state/registrations'
  },
  {
    law: 7,
    breaks: 'each start has a sign-in of its own',
    file: 'lib/impersonation/start.ts',
    from: 'openKey: openKeyOf(impersonator.id, settings.signInId(request))',
    to: 'openKey: hashKey(newKey())',
    test: 'impersonation/start'
  },
  {
    law: 7,
    breaks: 'a start that another one pushed out is not tried again',
    file: 'lib/log/prisma/log.ts',
    from: "'P2002', ",
    to: '',
    test: 'impersonation/races'
  },
  {
    law: 8,
    breaks: 'an address is not looked at again once it is normalised',
    file: 'lib/http/redirect.ts',
    from: 'url.origin !== HERE || /^\\/[/\\\\]/.test(url.pathname)',
    to: 'url.origin !== HERE',
    test: 'http/redirect'
  },
  {
    law: 8,
    breaks: 'a stop leads to where the start came from, wherever it was asked to lead',
    file: 'lib/routes/impersonation/stop.ts',
    from: 'nextOfStop(context, request) ?? back',
    to: 'back ?? nextOfStop(context, request)',
    test: 'impersonation/stop'
  },
  {
    law: 8,
    breaks: 'a redirect may lead to a start',
    file: 'lib/http/redirect.ts',
    from: 'return changesSomething(url.pathname, bases) ? null :',
    to: 'return',
    test: 'http/redirect'
  },
  {
    law: 8,
    breaks: 'a redirect may lead to a start of another registration, or without the proxy\'s path',
    file: 'lib/state/registrations.ts',
    from: 'bases.push(settings.base, settings.base.slice(settings.publicPrefix.length))',
    to: 'bases.push(settings.base)',
    test: 'routes/public-prefix'
  },
  {
    law: 8,
    breaks: 'a trusted origin may be led to a start',
    file: 'lib/http/redirect.ts',
    from: 'isTrusted && !changesSomething(url.pathname, bases)',
    to: 'isTrusted',
    test: 'routes/public-prefix'
  },
  {
    law: 9,
    breaks: 'pages of other sites may post',
    file: 'lib/routes/page/add.ts',
    from: 'if (isCrossSite(method, headers, host, settings.trustedOrigins)) throw',
    to: 'if (false) throw',
    test: 'impersonation/start'
  },
  {
    law: 9,
    breaks: 'any Origin is this host',
    file: 'lib/http/origin.ts',
    from: 'return origin !== undefined && !isThisHost(origin, host)',
    to: 'return false',
    test: 'http/origin'
  },
  {
    law: 9,
    breaks: 'a GET that proves nothing starts',
    file: 'lib/routes/impersonation/start.ts',
    from: ' && isOwnNavigation(request.headers)',
    to: '',
    test: 'impersonation/start'
  },
  {
    law: 9,
    breaks: 'a GET that proves nothing stops',
    file: 'lib/routes/impersonation/stop.ts',
    from: ' && isOwnNavigation(request.headers)',
    to: '',
    test: 'impersonation/stop'
  },
  {
    law: 10,
    breaks: 'people may impersonate themselves',
    file: 'lib/policy/target.ts',
    from: "if (idOf(target) === idOf(real)) return 'oneself'",
    to: '',
    test: 'policy/policy'
  },
  {
    law: 10,
    breaks: 'staff may reach a superuser',
    file: 'lib/policy/target.ts',
    from: '!(allowSuperuser && isSuperuser(real))',
    to: '!allowSuperuser',
    test: 'policy/policy'
  },
  {
    law: 10,
    breaks: 'the pages are there while impersonating',
    file: 'lib/routes/page/add.ts',
    from: 'if (request.impersonation !== null) throw new FST_IMPERSONATE_ALREADY_ACTIVE()',
    to: '',
    test: 'routes/routes'
  },
  {
    law: 10,
    breaks: 'an application may start another while one runs',
    file: 'lib/impersonation/start.ts',
    from: 'await refuseWhereOneRuns(core, request)',
    to: '',
    test: 'api'
  },
  {
    law: 11,
    breaks: 'every request is asked for its cookie',
    file: 'lib/state/cookie.ts',
    from: 'request.headers.cookie?.includes(name) === true',
    to: 'true',
    test: 'request/request'
  },
  {
    law: 11,
    breaks: 'a plain request waits for a promise',
    file: 'lib/request/hooks.ts',
    from: '    } else {\n      runPlain(request, reply, real, done)',
    to: '    } else {\n      Promise.resolve(real).then(user => { runPlain(request, reply, user, done) })',
    test: 'request/request'
  },
  {
    law: 11,
    breaks: 'a plain request looks into the session',
    file: 'lib/request/hooks.ts',
    from: 'const real = realUser.ask(request)',
    to: "const real = realUser.ask(request)\n    Reflect.get(Object(Reflect.get(request, 'session')), 'get')",
    test: 'request/request'
  },
  {
    law: 12,
    breaks: 'the page of an end does not escape whose view it was',
    file: 'views/ended.eta',
    from: "<%= it.t('ended.saw'",
    to: "<%~ it.t('ended.saw'",
    test: 'routes/escaping'
  },
  {
    law: 12,
    breaks: 'the list does not escape names',
    file: 'views/marked.eta',
    from: '<% } else { %><%= piece.text %>',
    to: '<% } else { %><%~ piece.text %>',
    test: 'routes/escaping'
  },
  {
    law: 12,
    breaks: 'a page has an inline script',
    file: 'views/layout.eta',
    from: '</body>',
    to: '<script>document.title</script></body>',
    test: 'routes/escaping'
  },
  {
    law: 12,
    breaks: 'pages go through the serializer of the application',
    file: 'lib/http/send.ts',
    from: '.serializer(asItIs)',
    to: '',
    test: 'routes/serializers'
  },
  {
    law: 13,
    breaks: 'pages may be framed',
    file: 'lib/routes/page/protect.ts',
    from: "const own = \"frame-ancestors 'none'\"",
    to: "const own = \"default-src 'self'\"",
    test: 'routes/routes'
  },
  {
    law: 6,
    breaks: 'who is signed in as the target meanwhile goes on as the target',
    file: 'lib/impersonation/target-signed-in.ts',
    from: 'return isRunning && idOf(real) === row.impersonatingId',
    to: 'return false',
    test: 'impersonation/target-signed-in'
  },
  {
    law: 6,
    breaks: 'a sign-in as the target stays in the web session',
    file: 'lib/impersonation/target-signed-in.ts',
    from: 'if (getRealUser === undefined) forgetSignIn(request)',
    to: '',
    test: 'impersonation/target-signed-in'
  },
  {
    law: 13,
    breaks: 'an answer given as the target may be stored',
    file: 'lib/request/finish.ts',
    from: 'keepPrivate(request, reply)\n',
    to: '\n',
    test: 'overlay/private'
  },
  {
    law: 13,
    breaks: 'a hijacked answer given as the target may be stored',
    file: 'lib/overlay/private.ts',
    from: "raw.setHeader('cache-control', PRIVATE)\n",
    to: '\n',
    test: 'overlay/private'
  },
  {
    law: 13,
    breaks: 'a head that a handler writes itself may be stored',
    file: 'lib/overlay/private.ts',
    from: "if (!isForAll(said)) headers['cache-control'] = PRIVATE",
    to: '',
    test: 'overlay/private'
  },
  {
    law: 13,
    breaks: 'what is immutable and not public may be stored',
    file: 'lib/overlay/private.ts',
    from: "return words.includes('public') && words.includes('immutable')",
    to: "return words.includes('immutable')",
    test: 'overlay/private'
  },
  {
    law: 13,
    breaks: 'what is public and immutable may not be stored',
    file: 'lib/overlay/private.ts',
    from: "return words.includes('public') && words.includes('immutable')",
    to: 'return words.length === 0',
    test: 'overlay/private'
  },
  {
    law: 13,
    breaks: 'answers of excluded paths and of routes for the real user may not be stored',
    file: 'lib/overlay/private.ts',
    from: 'if (!request[kOverlay] || isForAll(',
    to: 'if (isForAll(',
    test: 'overlay/private'
  },
  {
    law: 13,
    breaks: 'the pages may be stored',
    file: 'lib/routes/page/protect.ts',
    from: "if (!String(reply.getHeader('cache-control')).includes('no-store')) reply.header('cache-control', 'no-store')",
    to: '',
    test: 'routes/routes'
  },
  {
    law: 14,
    breaks: '`disableLogging` says nothing',
    file: 'lib/assemble.ts',
    from: "logger.warn('fastify-impersonate: \"disableLogging\" is on, so impersonations leave no record and an old session can bring one back')",
    to: '',
    test: 'state/disable-logging'
  },
  {
    law: 14,
    breaks: 'an idle limit that nothing keeps is taken',
    file: 'lib/options/conflicts.ts',
    from: "if (disableLogging === true && typeof idleTimeout === 'number')",
    to: 'if (false)',
    test: 'impersonation/idle'
  },
  {
    law: 14,
    breaks: 'a slow request without a log saves the session as it was read',
    file: 'lib/state/under-way.ts',
    from: 'if (other !== request) amend(other, value)',
    to: 'if (false) amend(other, value)',
    test: 'state/slow-requests'
  },
  {
    law: 14,
    breaks: 'a session that is read before and comes after saves what it was without a log',
    file: 'lib/state/under-way.ts',
    from: 'if (change !== undefined) amend(request, change.value)',
    to: '',
    test: 'state/slow-requests'
  },
  {
    law: 14,
    breaks: 'a start whose web session is too large for its cookie says that it started',
    file: 'lib/state/web-session-state.ts',
    from: 'if (fitsCookie(session, FIELD, keep(row))) return',
    to: 'if (true) return',
    test: 'state/disable-logging'
  },
  {
    law: 14,
    breaks: 'the web session keeps more than ids, times and the hash',
    file: 'lib/state/kept-row.ts',
    from: 'filter(([, value]) => value !== null && value !== undefined))',
    to: "filter(([, value]) => value !== null && value !== undefined).concat([['reason', row.reason]]))",
    test: 'state/disable-logging'
  },
  {
    law: 14,
    breaks: 'what this process has ended comes back with an old session',
    file: 'lib/state/web-session-state.ts',
    from: 'ended.get(row.id) ?? await named(row)',
    to: 'await named(row)',
    test: 'state/disable-logging'
  },
  {
    law: 14,
    breaks: 'what an application keeps in the field is overwritten',
    file: 'lib/state/web-session-state.ts',
    from: 'if (before !== undefined && before !== null && !isKept(before)) throw',
    to: 'if (false) throw',
    test: 'state/disable-logging'
  },
  {
    law: 15,
    breaks: 'a log that reads otherwise than it is written is asked for ever',
    file: 'lib/impersonation/recognise.ts',
    from: 'if (round === MOST_ROUNDS) throw',
    to: 'if (false) throw',
    test: 'state/faults'
  },
  {
    law: 15,
    breaks: 'rows are read from a replica',
    file: 'lib/log/prisma/client.ts',
    from: "hasMethods(client, ['$primary']) ?",
    to: 'false ?',
    test: 'state/faults'
  },
  {
    law: 15,
    breaks: 'an id that cannot be asked for fails whoever shares its query',
    file: 'lib/batch.ts',
    from: 'await many(keys).catch(() => null)',
    to: 'await many(keys)',
    test: 'users/unfit-ids'
  },
  {
    law: 15,
    breaks: 'an id that the column cannot hold is a failure of the users',
    file: 'lib/users/prisma/find-by-id.ts',
    from: 'if (isUnfit(error) && (scope === undefined || !await table.canHold(id))) return null',
    to: '',
    test: 'users/unfit-ids'
  },
  {
    law: 15,
    breaks: 'who is looked up at once gets the object that another request writes to',
    file: 'lib/batch.ts',
    from: 'copy(value) ?? one(key)',
    to: 'value',
    test: 'users/own-object'
  }
]
