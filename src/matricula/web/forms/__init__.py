"""Forms made from the models of documents: the same settings that YAML has, with the same descriptions and defaults.

`building` makes the nodes of a form from a model, `nodes` and `gathered` show a document in them and read back what
somebody made of it, `form` does both for a whole form.
"""

from matricula.web.forms.form import Form, Posted, Section
from matricula.web.forms.views import View

__all__ = ["Form", "Posted", "Section", "View"]
