"""
What `deploy` finds besides what the org refuses.
"""

from __future__ import annotations

from migrator.model.finding import Code, Level

GENERATED_FILES_OUTDATED = Code(
    word="generated-files-outdated",
    level=Level.WARNING,
    sentence="{count} files in the migration directory differ from what mapping.yaml "
    "asks for, the first is {first}; sent was what mapping.yaml asks for",
    remedy="migrator generate",
    means="The files that people look at are older than the mapping.",
)
DEPLOY_WARNING = Code(
    word="deploy-warning",
    level=Level.WARNING,
    sentence="{component}: {said}",
    means="The org let a component pass and had something to say about it.",
)
DEPLOYED_EARLIER = Code(
    word="deployed-earlier",
    level=Level.WARNING,
    sentence="{kind} {name} was deployed by this migration earlier and is not in the "
    "mapping any more; it goes too",
    remedy="put it back into the mapping to keep it",
    means="`deploy --undo` knows what is ours by the mark in the org.",
)
UNDO_WOULD_REFUSE = Code(
    word="undo-would-refuse",
    level=Level.WARNING,
    sentence="{obstacle}",
    remedy="clear it before --execute",
    means="Something in the org would keep `deploy --undo --execute` from finishing.",
)
