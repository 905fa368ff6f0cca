-- recordings/README.md: "02b.v2 additionally expects one row (1,x) each".
insert into public."Weird Table" values (1, 'x');
insert into other.things values (1, 'x');
