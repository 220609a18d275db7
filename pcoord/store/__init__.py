"""Tables, engines, migrations and the unit of work: the only room that talks SQL."""
