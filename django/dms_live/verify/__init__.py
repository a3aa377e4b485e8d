"""Compares what topics have published last of each entity with the database: ``manage.py verify_live``.

``likeness`` says what is compared, ``logs`` what was published last, ``rows`` what the database has, ``memory`` what an earlier
run saw. ``judging`` says what is wrong with one entity, ``looking`` whether that stands under load. ``repairs`` publishes it.
``entities`` goes through one kind, ``accounts`` through users, ``figures`` through key figures, and ``run`` through all of them.
"""
