"""How the tests open an envelope."""


def act(client, made, envelope="technical", **data):
    path = f"{made.base}openings/1/{envelope}/" + ("?lot=L1" if envelope == "price" else "")
    return client.post(path, data, follow=True).content.decode()
