"""gather_facts: gathers facts as a play does at its beginning."""

from orchestr8.remote.module import Arg
from orchestr8.remote.modules.setup import Setup


class GatherFacts(Setup):
    """Gathers facts about the host as a play does at its beginning."""

    name = "gather_facts"
    args = dict(
        Setup.args,
        parallel=Arg("bool", "Accepted; there is one gatherer, and it is fast."),
    )


MODULE = GatherFacts
