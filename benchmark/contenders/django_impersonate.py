# Django with django-impersonate over SQLite: `python3 django_impersonate.py <file> <users> <journal mode> <session backend>`.
# Answers commands.
# The application is called as a WSGI server calls it, without a server, and keeps its connection: as quick as Django can be.
import json
import sys
import time
from importlib import import_module

import django
from django.conf import settings

file, users, journal, sessions = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
settings.configure(
    SECRET_KEY='a secret of at least thirty-two characters',
    ALLOWED_HOSTS=['*'],
    ROOT_URLCONF=__name__,
    SESSION_ENGINE='django.contrib.sessions.backends.' + sessions,
    USE_TZ=True,
    LOGIN_REDIRECT_URL='/',
    DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': file, 'CONN_MAX_AGE': None}},
    DEFAULT_AUTO_FIELD='django.db.models.AutoField',
    INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.sessions', 'impersonate'],
    MIDDLEWARE=[
        'django.contrib.sessions.middleware.SessionMiddleware',
        'django.contrib.auth.middleware.AuthenticationMiddleware',
        'impersonate.middleware.ImpersonateMiddleware',
    ],
)
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402


def who(request):
    impersonator = request.impersonator
    return JsonResponse({'user': request.user.pk, 'impersonator': impersonator and impersonator.pk})


urlpatterns = [path('who', who), path('impersonate/', include('impersonate.urls'))]

call_command('migrate', verbosity=0)
with connection.cursor() as cursor:
    cursor.execute('PRAGMA journal_mode = ' + journal)
    cursor.execute('PRAGMA synchronous = FULL')
    cursor.execute('''
        WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < %s)
        INSERT INTO auth_user (id, username, first_name, last_name, email, password, is_active, is_staff, is_superuser, date_joined)
        SELECT i, 'person.' || i, 'Person', i, 'person.' || i || '@example.com', '', 1, i <= 2, i = 1, '2026-01-01' FROM number''', [users])

sam = get_user_model().objects.get(pk=2)
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(sam.pk)
session[BACKEND_SESSION_KEY] = 'django.contrib.auth.backends.ModelBackend'
session[HASH_SESSION_KEY] = sam.get_session_auth_hash()
session.create()

application = get_wsgi_application()


def get(address):
    status = []
    body = b''.join(application({
        'REQUEST_METHOD': 'GET', 'PATH_INFO': address, 'SCRIPT_NAME': '', 'QUERY_STRING': '', 'SERVER_NAME': 'localhost', 'SERVER_PORT': '80',
        'SERVER_PROTOCOL': 'HTTP/1.1', 'HTTP_COOKIE': 'sessionid=' + session.session_key, 'wsgi.input': None, 'wsgi.errors': sys.stderr,
        'wsgi.url_scheme': 'http', 'wsgi.version': (1, 0), 'wsgi.multithread': False, 'wsgi.multiprocess': False, 'wsgi.run_once': False,
    }, lambda line, headers, info=None: status.append(line)))
    return status[0], body


def start():
    assert get('/impersonate/3/')[0].startswith('302')


def stop():
    assert get('/impersonate/stop/')[0].startswith('302')


def request():
    answer = json.loads(get('/who')[1])
    assert answer == {'user': 3, 'impersonator': 2}, answer


def pair():
    stop()
    start()


start()
request()
print(json.dumps({}), flush=True)
for line in sys.stdin:
    command = json.loads(line)
    work = {'request': request, 'pair': pair}[command['do']]
    started = time.perf_counter()
    for _ in range(command['times']):
        work()
    print(json.dumps({'seconds': time.perf_counter() - started}), flush=True)
