"""The challenge of a server, from the parameters of a task."""


def challenge(task, qop="auth, auth-int"):
    algorithm = {None: "SHA-256", "md5": "MD5", "md5-sess": "MD5-sess"}[task.variant]
    if task.parameter("nc", "00000001") != "00000001":
        from protocol import Skip
        raise Skip("requests are counted by the package")
    return (f'Digest realm="{task.parameter("realm")}", qop="{qop}", algorithm={algorithm}, '
            f'nonce="{task.parameter("nonce")}", opaque="{task.parameter("opaque")}"')
