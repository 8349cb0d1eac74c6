"""The web server of the tests keeps the rules of HTTP that its clients rely on."""

import http.client

from tests.features.pictures.web import Web, reply, serving


def _asked(web: Web, method: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(web.host, web.port, timeout=5)
    connection.request(method, "/")
    response = connection.getresponse()
    connection.close()
    return response


def test_an_answer_after_which_the_connection_closes_says_so() -> None:
    with serving(lambda _: reply(body=b"a", close=True)) as web:
        assert _asked(web, "GET").getheader("Connection") == "close"


def test_only_the_headers_answer_a_question_for_headers() -> None:
    with serving(lambda _: reply(body=b"abc")) as web:
        connection = http.client.HTTPConnection(web.host, web.port, timeout=5)
        for _ in range(2):
            connection.request("HEAD", "/")
            response = connection.getresponse()
            assert response.getheader("Content-Length") == "3"
            assert response.read() == b""
        connection.close()
    assert web.connections == 1
