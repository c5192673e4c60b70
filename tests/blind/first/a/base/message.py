"""An HTTP message as exact bytes: how the parts of one are written, and how they are read back strictly."""

import json
import re

LETTERS_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
UNRESERVED = LETTERS_DIGITS + b"-._~"
PATH_CHARACTERS = UNRESERVED + b"!$&'()*+,;=" + b":@/"
FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data"
PART_NAME = re.compile(
    rb'\r\nContent-Disposition:[ \t]*form-data;[^\r\n]*?\bname="((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE
)


class Malformed(Exception):
    """Something that must parse does not, or something that must stand once stands twice."""


class Message:
    """What is on the wire. `headers` is a list of (name, value); everything is bytes."""

    def __init__(self, method, scheme, target, headers, body, host=None):
        self.method = method
        self.scheme = scheme
        self.target = target
        self.headers = headers
        self.body = body
        self.host = host

    # Target

    @property
    def raw_path(self):
        return self.target.partition(b"?")[0]

    @property
    def path(self):
        return percent_decode(self.raw_path)

    @property
    def url(self):
        """Scheme, host and target; none without a Host header."""
        host = self.header("Host")
        return None if host is None else self.scheme + b"://" + host + self.target

    def query_pairs(self):
        """Names and values of the query, a plus sign meaning a space; an absent value is empty."""
        return decode_pairs(self.target.partition(b"?")[2])

    def set_query(self, name, value):
        self.target = self.raw_path + b"?" + replace_pair(self.target.partition(b"?")[2], name, value)

    # Headers

    def header(self, name):
        wanted = name.lower().encode()
        values = [value for line, value in self.headers if line.lower() == wanted]
        if len(values) > 1:
            raise Malformed(f"header {name} is given twice")
        return values[0] if values else None

    def set_header(self, name, value):
        """Puts one line in the place of the first of that name, or at the end."""
        wanted = name.lower().encode()
        places = [place for place, (line, _) in enumerate(self.headers) if line.lower() == wanted]
        for place in reversed(places[1:]):
            del self.headers[place]
        if places:
            self.headers[places[0]] = (name.encode(), value)
        else:
            self.headers.append((name.encode(), value))

    # Body

    def media_type(self):
        return (self.header("Content-Type") or b"").partition(b";")[0].strip().lower()

    def form_pairs(self):
        """Names and values of a form body; none where the body is not a form."""
        return decode_pairs(self.body) if self.media_type() == FORM else []

    def set_form(self, name, value):
        if self.media_type() != FORM:
            raise ValueError("the body is not a form: Content-Type must be application/x-www-form-urlencoded")
        self.body = replace_pair(self.body, name, value)

    def multipart_pairs(self):
        """Names and contents of the parts of a multipart form; none where the body is not one."""
        if self.media_type() != MULTIPART:
            return []
        boundary = re.search(rb';[ \t]*boundary=(?:"([^"]+)"|([^;\s"]+))', self.header("Content-Type"), re.IGNORECASE)
        if not boundary:
            raise Malformed("a multipart body needs a boundary")
        return parse_multipart(self.body, boundary[1] or boundary[2])

    def json_member(self, name):
        """A string's bytes; None where there is no such member. What is no string is malformed."""
        members = parse_json_object(self.body)
        if name not in members:
            return None
        if not isinstance(members[name], str):
            raise Malformed(f"member {name} is no text")
        return utf8(members[name])

    def add_json_member(self, name, value):
        """Makes it the last member, and changes nothing else of the body."""
        body = self.body or b"{}"
        members = parse_json_object(body)
        if name in members:
            raise ValueError(f"the body has a member {name} already")
        comma = "," if members else ""
        member = f"{comma}{json.dumps(name)}:{json.dumps(value.decode('utf-8'), ensure_ascii=False)}"
        end = body.rindex(b"}")
        self.body = body[:end] + utf8(member) + body[end:]


def sent_message(method, scheme, host, target, path, query, headers, body):
    """The message that says what the caller means; `target` is exact, or else made of `path` and `query`."""
    if target is None:
        target = percent_encode(path, PATH_CHARACTERS)
        if query:
            target += b"?" + b"&".join(b"=".join(map(percent_encode, pair)) for pair in query)
    if not any(name.lower() == b"host" for name, _ in headers):
        headers = [(b"Host", host), *headers]
    return Message(method, scheme, target, headers, body, host)


def percent_encode(data, keep=UNRESERVED):
    return b"".join(bytes([byte]) if byte in keep else b"%%%02X" % byte for byte in data)


def percent_decode(data):
    if b"%" not in data:
        return data
    if re.search(rb"%(?![0-9A-Fa-f]{2})", data):
        raise Malformed("a percent sign without two hexadecimal digits")
    return re.sub(rb"%(..)", lambda escape: bytes([int(escape[1], 16)]), data)


def split_pair(piece):
    name, _, value = piece.replace(b"+", b" ").partition(b"=")
    return percent_decode(name), percent_decode(value)


def decode_pairs(text):
    return [split_pair(piece) for piece in text.split(b"&") if piece]


def replace_pair(text, name, value):
    """`text` without the pairs called `name`, and with one of that name at its end."""
    pieces = [piece for piece in text.split(b"&") if split_pair(piece)[0] != name] if text else []
    return b"&".join([*pieces, percent_encode(name) + b"=" + percent_encode(value)])


def only_value(pairs, name):
    """The value of a field that may stand once; None where it is absent."""
    values = [value for pair_name, value in pairs if pair_name == name]
    if len(values) > 1:
        raise Malformed(f"field {name!r} is given twice")
    return values[0] if values else None


def parse_multipart(body, boundary):
    """RFC 2046, section 5.1, and RFC 7578."""
    text = b"\r\n" + body
    delimiters = list(re.finditer(rb"\r\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r\n|\Z)", text))
    pairs = []
    for here, following in zip(delimiters, delimiters[1:]):
        if here[1]:
            return pairs
        head, end, content = text[here.end() : following.start()].partition(b"\r\n\r\n")
        name = PART_NAME.search(head)
        if not end or not name:
            raise Malformed("a part of the multipart body has no name")
        pairs.append((re.sub(rb"\\(.)", rb"\1", name[1]), content))
    if not delimiters or not delimiters[-1][1]:
        raise Malformed("the multipart body does not end")
    return pairs


class _Object(list):
    """The members of a JSON object in order, duplicates included."""


def parse_json_object(body):
    """The members of the object that a body is; numbers as None, of whatever length they are."""
    try:
        members = json.loads(
            body.decode("utf-8"), object_pairs_hook=_Object, parse_int=_no_text, parse_float=_no_text, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the body is not JSON: {error}") from None
    if not isinstance(members, _Object):
        raise Malformed("the body is not a JSON object")
    if len(dict(members)) != len(members):
        raise Malformed("a member of the JSON body is given twice")
    return dict(members)


def _no_text(number):
    return None


def _no_constant(name):
    raise ValueError(f"{name} is not JSON")


def utf8(text):
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("half a surrogate pair is not text") from None
