"""The playground: the network with what every node makes of the plane, live, on any table."""
