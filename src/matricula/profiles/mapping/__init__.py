"""The mapping language of profiles: templates such as `"{person.familyName|lower}"`, compiled to Polars.

`parse` reads a template, `check` holds it against the properties and lookup tables that there are, and `compiled`
makes the expression. Nothing in a template runs code. The language is described in docs/mapping.md.
"""

from matricula.profiles.mapping.checking import check
from matricula.profiles.mapping.compiling import compiled
from matricula.profiles.mapping.faults import MappingFault
from matricula.profiles.mapping.functions import FUNCTIONS, Function
from matricula.profiles.mapping.parsing import parse
from matricula.profiles.mapping.template import Template, all_or_nothing, escape
from matricula.profiles.mapping.vocabulary import Property, Vocabulary

__all__ = [
    "FUNCTIONS",
    "Function",
    "MappingFault",
    "Property",
    "Template",
    "Vocabulary",
    "all_or_nothing",
    "check",
    "compiled",
    "escape",
    "parse",
]
