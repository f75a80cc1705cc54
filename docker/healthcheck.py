"""Exits with 0 when the embedded server of this container answers and has a model, with or without
TLS.

    healthcheck.py [REST_PORT [PORT]]
"""

import http.client
import json
import ssl
import sys

_SECONDS = 2


def over_rest(connection: http.client.HTTPConnection) -> bool:
    connection.request("GET", "/v1/models")
    return bool(json.load(connection.getresponse())["models"])


def over_tls(port: int) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("localhost", port, timeout=_SECONDS, context=context)
    connection.connect()
    try:
        return over_rest(connection)
    except (ssl.SSLError, ConnectionError):
        # Only then does a server with client_verify refuse whom it does not know: it lives.
        return True


def over_grpc(port: int) -> bool:
    import grpc
    from magenta_serving import protos

    check = protos.methods(protos.HEALTH_SERVICE)["Check"]
    call = grpc.insecure_channel(f"localhost:{port}").unary_unary(
        check.path, check.request.SerializeToString, check.response.FromString)
    answer = call(check.request(), timeout=_SECONDS)
    return answer.status == check.response.SERVING


def main(rest_port: int = 8501, port: int = 8500) -> bool:
    try:
        return over_rest(http.client.HTTPConnection("localhost", rest_port, timeout=_SECONDS))
    except ConnectionRefusedError:  # REST is switched off.
        return over_grpc(port)
    except (http.client.HTTPException, ConnectionError):  # It is no plain text.
        return over_tls(rest_port)


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
