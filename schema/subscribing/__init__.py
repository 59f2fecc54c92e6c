"""How clients are told of what happens: what is delivered, and by which ways."""
