"""The queues that jobs wait in. A job names its own where it is declared (`portal.frame.jobs.job`); nobody else does.

A worker for all of them takes from each in turn, so no queue waits for another to be empty. Larger installations run
workers of their own for each: `celery -A portal.celery worker --queues assess`.

No Django here: the settings import this module.
"""

QUEUES = {
    "assess": "what people just sent is checked: proposals, companies, files; and the sweeps that find what was missed",
    "rank": "rankings after marks and openings",
    "documents": "PDFs people requested",
    "letters": "emails and reminders",
    "bulk": "everyone at once: screening runs, previews, tidying up",
}
