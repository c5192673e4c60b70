"""Names that Python 3.10 took out of `collections`, so that old packages can be imported; nothing that is signed or checked."""
import collections
import collections.abc
for _name in ("Mapping", "MutableMapping", "Sequence", "Iterable", "Callable", "Hashable", "MutableSequence", "Set"):
    if not hasattr(collections, _name):
        setattr(collections, _name, getattr(collections.abc, _name))
import base64
if not hasattr(base64, "encodestring"):  # until Python 3.8 the name of encodebytes
    base64.encodestring, base64.decodestring = base64.encodebytes, base64.decodebytes
